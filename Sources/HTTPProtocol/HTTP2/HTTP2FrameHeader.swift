// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// The kinds of frames (RFC 9113 §6).
enum HTTP2FrameType: UInt8 {
    case data = 0x0
    case headers = 0x1
    case priority = 0x2
    case resetStream = 0x3
    case settings = 0x4
    case pushPromise = 0x5
    case ping = 0x6
    case goAway = 0x7
    case windowUpdate = 0x8
    case continuation = 0x9
}

/// The flags of a frame (RFC 9113 §6); what a flag means depends on the frame's type, and one that means nothing is ignored.
struct HTTP2FrameFlags: OptionSet {
    let rawValue: UInt8

    /// The last frame of its stream (DATA, HEADERS).
    static let endStream = HTTP2FrameFlags(rawValue: 0x1)
    /// The answer to a frame of the same type (SETTINGS, PING).
    static let acknowledgement = HTTP2FrameFlags(rawValue: 0x1)
    /// The last frame of a header block (HEADERS, CONTINUATION).
    static let endHeaders = HTTP2FrameFlags(rawValue: 0x4)
    /// Padding follows (DATA, HEADERS).
    static let padded = HTTP2FrameFlags(rawValue: 0x8)
    /// A priority comes first (HEADERS).
    static let priority = HTTP2FrameFlags(rawValue: 0x20)
}

/// What a frame begins with (RFC 9113 §4.1).
struct HTTP2FrameHeader {
    /// How many bytes follow.
    let length: Int
    /// The kind of frame; nil if it is not known.
    let type: HTTP2FrameType?
    /// The flags.
    let flags: HTTP2FrameFlags
    /// The stream, or 0 for the connection; the bit before it counts for nothing.
    let stream: UInt32

    /// In bytes.
    static let length = 9

    /// Reads the header at an offset, behind which there are at least nine bytes.
    init(_ bytes: Span<UInt8>, at offset: Int) {
        length = Int(bytes[offset]) << 16 | Int(bytes[offset + 1]) << 8 | Int(bytes[offset + 2])
        type = HTTP2FrameType(rawValue: bytes[offset + 3])
        flags = HTTP2FrameFlags(rawValue: bytes[offset + 4])
        stream = bytes.number(at: offset + 5) & 0x7fff_ffff
    }
}

extension Span<UInt8> {
    /// The number that four bytes spell, the highest first.
    func number(at offset: Int) -> UInt32 {
        UInt32(self[offset]) << 24 | UInt32(self[offset + 1]) << 16 | UInt32(self[offset + 2]) << 8
            | UInt32(self[offset + 3])
    }
}

extension [UInt8] {
    /// Adds the header of a frame.
    mutating func appendFrameHeader(
        _ type: HTTP2FrameType,
        length: Int,
        flags: HTTP2FrameFlags = [],
        stream: UInt32 = 0
    ) {
        append(UInt8(truncatingIfNeeded: length >> 16))
        let rest = UInt64(length & 0xffff) << 48 | UInt64(type.rawValue) << 40 | UInt64(flags.rawValue) << 32
        append(bigEndian: rest | UInt64(stream))
    }

    /// Adds a number in four bytes, the highest first.
    mutating func appendNumber(_ number: UInt32) {
        append(bigEndian: number)
    }

    private mutating func append(bigEndian number: some FixedWidthInteger) {
        unsafe Swift.withUnsafeBytes(of: number.bigEndian) { unsafe append(contentsOf: $0) }
    }
}
