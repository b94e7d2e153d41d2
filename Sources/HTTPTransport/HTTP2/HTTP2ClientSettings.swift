// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore

/// What swift-nio-http2 gets of a client's SETTINGS: nothing by which the client could make the server keep or do more.
///
/// | setting | passed on |
/// |-|-|
/// | SETTINGS_HEADER_TABLE_SIZE | up to what it is by default: the encoder's table would grow to it, and is searched for each field |
/// | SETTINGS_MAX_FRAME_SIZE | up to ``largestFrame``: over TLS a frame is encrypted into memory as a whole |
/// | the others of RFC 9113 §6.5.2 and RFC 8441 §3 | as they are; windows bound only what is sent at the client's wish |
/// | any that is not known | not at all (RFC 9113 §6.5.2), since each would be remembered |
///
/// Whoever sends may always use less than a client allows (RFC 7541 §4.2, RFC 9113 §4.2). A setting that no client may
/// send is passed on as it is, and ends the connection.
enum HTTP2ClientSettings {
    /// SETTINGS (RFC 9113 §6.5).
    static let frameType: UInt8 = 4
    /// An identifier of 16 bits and a value of 32 (RFC 9113 §6.5.1).
    private static let settingLength = 6
    /// How long a frame may be, in bytes: it has 32 settings then, where RFC 9113 §6.5.2 knows six.
    ///
    /// Each is work, and on every stream if it changes windows.
    static let longestPayload = 32 * settingLength

    /// The flag ACK (RFC 9113 §6.5).
    private static let acknowledgement: UInt8 = 1
    private static let headerTableSize: UInt16 = 1
    private static let maximumFrameSize: UInt16 = 5
    /// Those of RFC 9113, and SETTINGS_ENABLE_CONNECT_PROTOCOL.
    private static let known: Set<UInt16> = [1, 2, 3, 4, 5, 6, 8]
    /// The size of HPACK's table as long as nobody says another (RFC 9113 §6.5.2).
    private static let largestTable: UInt32 = 4096
    /// The largest frame that is sent, in bytes: as much as is encrypted at a time.
    private static let largestFrame: UInt32 = 128 << 10
    /// The largest size of a frame that a client may name (RFC 9113 §6.5.2).
    private static let largestFrameNamed: UInt32 = (1 << 24) - 1

    /// The frame to pass on in place of the client's, which is at the reader index as a whole; nil if that is not
    /// SETTINGS, or may be passed on as it is.
    static func replacement(in bytes: ByteBuffer, length: Int) -> ByteBuffer? {
        let (start, end) = (bytes.readerIndex, bytes.readerIndex + length)
        let payload = length - HTTP2FrameScanner.headerLength
        guard bytes.getInteger(at: start + 3, as: UInt8.self) == frameType,
            bytes.getInteger(at: start + 4, as: UInt8.self).map({ $0 & acknowledgement == 0 }) ?? false,
            payload.isMultiple(of: settingLength),
            var frame = bytes.getSlice(at: start, length: HTTP2FrameScanner.headerLength)
        else { return nil }
        var isChanged = false
        for setting in stride(from: start + HTTP2FrameScanner.headerLength, to: end, by: settingLength) {
            guard let identifier: UInt16 = bytes.getInteger(at: setting),
                let value: UInt32 = bytes.getInteger(at: setting + 2)
            else { continue }
            let passed = passed(value, as: identifier)
            isChanged = isChanged || passed != value
            if let passed { frame.writeMultipleIntegers(identifier, passed) }
        }
        guard isChanged else { return nil }
        let count = frame.readableBytes - HTTP2FrameScanner.headerLength
        frame.setInteger(UInt8(truncatingIfNeeded: count >> 16), at: frame.readerIndex)
        frame.setInteger(UInt16(truncatingIfNeeded: count), at: frame.readerIndex + 1)
        return frame
    }

    /// The value to pass on; nil for none.
    private static func passed(_ value: UInt32, as identifier: UInt16) -> UInt32? {
        switch identifier {
        case headerTableSize: min(value, largestTable)
        case maximumFrameSize where value <= largestFrameNamed: min(value, largestFrame)
        default: known.contains(identifier) ? value : nil
        }
    }
}
