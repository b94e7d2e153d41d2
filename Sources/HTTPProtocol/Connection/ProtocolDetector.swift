// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Tells HTTP/2 by prior knowledge from HTTP/1.x by a connection's first bytes.
///
/// An HTTP/2 client opens with a preface that no HTTP/1.x request can be (RFC 9113 §3.4). The first byte that differs decides.
package struct ProtocolDetector {
    /// Who speaks.
    package enum Version {
        case http1
        case http2
    }

    /// The connection preface (RFC 9113 §3.4).
    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    /// How many bytes have come, all of them the preface's.
    private var count = 0

    /// A detector for a connection on which nothing has come yet.
    package init() {}

    /// Whether anything has come before, while it was not decided.
    package var hasReceived: Bool { count > 0 }

    /// What has come before, while it was not decided.
    package var received: ArraySlice<UInt8> { Self.preface[..<count] }

    /// Looks at what has come now; nil if it may still become either.
    package mutating func version(by bytes: Span<UInt8>) -> Version? {
        for index in bytes.indices {
            guard bytes[index] == Self.preface[count + index] else { return .http1 }
            if count + index == Self.preface.count - 1 { return .http2 }
        }
        count += bytes.count
        return nil
    }
}
