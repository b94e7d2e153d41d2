// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Why a stream or a connection ends, as RST_STREAM and GOAWAY say it (RFC 9113 §7).
enum HTTP2ErrorCode: UInt32 {
    case noError = 0x0
    case protocolError = 0x1
    case flowControlError = 0x3
    case streamClosed = 0x5
    case frameSizeError = 0x6
    case refusedStream = 0x7
    case cancel = 0x8
    case compressionError = 0x9
    case enhanceYourCalm = 0xb
}

/// What a client has sent that its connection cannot go on after (RFC 9113 §5.4.1).
struct HTTP2ConnectionError: Error, Equatable {
    /// What GOAWAY names.
    let code: HTTP2ErrorCode
    /// What is wrong, for the client's author: GOAWAY carries it.
    let reason: String

    init(_ code: HTTP2ErrorCode, _ reason: String) {
        (self.code, self.reason) = (code, reason)
    }
}
