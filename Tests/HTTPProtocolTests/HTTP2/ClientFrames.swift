// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import TestSupport

/// Frames that a client sends (RFC 9113 §6), made by hand.
enum ClientFrames {
    /// The error codes that frames have (RFC 9113 §7).
    static let (noError, protocolError, flowControlError, streamClosed) = (0x0, 0x1, 0x3, 0x5)
    static let (frameSizeError, refusedStream, cancel, compressionError) = (0x6, 0x7, 0x8, 0x9)
    static let enhanceYourCalm = 0xb

    /// The preface and SETTINGS without any, and the acknowledgement of the server's (RFC 9113 §3.4, §6.5.3).
    static let handshake = HTTP2Frames.preface + settings([]) + HTTP2Frames.settingsAcknowledgement

    static let get: [Field] = [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "a")]
    static let post: [Field] = [(":method", "POST"), (":scheme", "http"), (":path", "/"), (":authority", "a")]

    typealias Field = (name: String, value: String)

    /// A header block of literals that are not indexed (RFC 7541 §6.2.2).
    static func block(_ fields: [Field]) -> [UInt8] {
        fields.flatMap { [0x00] + string($0.name) + string($0.value) }
    }

    /// A string that is not in the Huffman code (RFC 7541 §5.2).
    private static func string(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        guard bytes.count >= 0x7f else { return [UInt8(bytes.count)] + bytes }
        var length = [UInt8(0x7f)]
        var rest = bytes.count - 0x7f
        while rest >= 0x80 {
            length.append(UInt8(rest & 0x7f) | 0x80)
            rest >>= 7
        }
        return length + [UInt8(rest)] + bytes
    }

    /// HEADERS of a request or of trailers.
    static func headers(
        _ fields: [Field] = get,
        on stream: Int = 1,
        endsStream: Bool = true,
        endsHeaders: Bool = true
    ) -> [UInt8] {
        headers(block: block(fields), on: stream, flags: (endsStream ? 0x1 : 0) | (endsHeaders ? 0x4 : 0))
    }

    /// HEADERS of a block or of a part of one.
    static func headers(block: [UInt8], on stream: Int = 1, flags: UInt8 = 0x5) -> [UInt8] {
        HTTP2Frames.frame(0x1, flags: flags, stream: stream, payload: block)
    }

    static func continuation(_ fields: [Field], on stream: Int = 1, endsHeaders: Bool) -> [UInt8] {
        HTTP2Frames.frame(0x9, flags: endsHeaders ? 0x4 : 0, stream: stream, payload: block(fields))
    }

    static func data(_ content: String = "test", on stream: Int = 1, endsStream: Bool = true) -> [UInt8] {
        HTTP2Frames.frame(0x0, flags: endsStream ? 0x1 : 0, stream: stream, payload: Array(content.utf8))
    }

    static func priority(on stream: Int, dependingOn other: Int = 0, exclusive: Bool = false, weight: UInt8 = 255)
        -> [UInt8]
    {
        HTTP2Frames.frame(0x2, stream: stream, payload: number(other | (exclusive ? 1 << 31 : 0)) + [weight])
    }

    static func reset(on stream: Int = 1, code: Int = cancel) -> [UInt8] {
        HTTP2Frames.frame(0x3, stream: stream, payload: number(code))
    }

    static func settings(_ settings: [(identifier: Int, value: Int)]) -> [UInt8] {
        HTTP2Frames.frame(
            0x4,
            payload: settings.flatMap { [UInt8($0.identifier >> 8), UInt8($0.identifier & 0xff)] + number($0.value) }
        )
    }

    /// SETTINGS_INITIAL_WINDOW_SIZE (RFC 9113 §6.5.2).
    static func initialWindow(_ size: Int) -> [UInt8] { settings([(0x4, size)]) }

    static func ping(_ text: String = "h2-tests", acknowledges: Bool = false) -> [UInt8] {
        HTTP2Frames.frame(0x6, flags: acknowledges ? 1 : 0, payload: Array(text.utf8))
    }

    static func goAway(code: Int = noError) -> [UInt8] {
        HTTP2Frames.frame(0x7, payload: number(0) + number(code))
    }

    static func windowUpdate(_ increment: Int, on stream: Int = 0) -> [UInt8] {
        HTTP2Frames.frame(0x8, stream: stream, payload: number(increment))
    }

    /// A number in four bytes.
    static func number(_ number: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }
}
