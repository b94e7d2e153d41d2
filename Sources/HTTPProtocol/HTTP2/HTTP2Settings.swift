// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// A setting that has a meaning here (RFC 9113 §6.5.2, RFC 8441 §3).
private enum SettingIdentifier: UInt16 {
    case headerTableSize = 0x1
    case enablePush = 0x2
    case maximumConcurrentStreams = 0x3
    case initialWindowSize = 0x4
    case maximumFrameSize = 0x5
    case maximumHeaderListSize = 0x6
    case enableConnectProtocol = 0x8
}

/// What a client's SETTINGS have said so far, as far as it changes what it is sent.
struct HTTP2ClientSettings {
    /// The window of a new stream, in bytes.
    private(set) var initialWindow = 65_535
    /// The largest payload of a frame, in bytes.
    private(set) var largestFrame = 1 << 14
    /// Whether the next header block has to say that HPACK's table has become smaller (RFC 7541 §4.2).
    private(set) var owesTableSize = false
    /// Whether it has said so: the table is empty then, and cannot become smaller.
    private var hasSaidTableSize = false

    /// The size of HPACK's table as long as nobody says another, in bytes (RFC 9113 §6.5.2).
    private static let standardTable: UInt32 = 4096
    /// The largest window, in bytes (RFC 9113 §6.9.1).
    static let largestWindow = Int(Int32.max)
    /// An identifier and a value, in bytes (RFC 9113 §6.5.1).
    private static let settingLength = 6
    /// How many settings a frame may have, where RFC 9113 §6.5.2 knows six: each is work.
    static let most = 32

    /// Takes the payload of a SETTINGS frame.
    mutating func take(_ payload: Span<UInt8>) throws(HTTP2ConnectionError) {
        guard payload.count.isMultiple(of: Self.settingLength) else {
            throw HTTP2ConnectionError(.frameSizeError, "SETTINGS are of six bytes each")
        }
        guard payload.count <= Self.most * Self.settingLength else {
            throw HTTP2ConnectionError(.enhanceYourCalm, "a SETTINGS frame has more than \(Self.most) settings")
        }
        for offset in stride(from: 0, to: payload.count, by: Self.settingLength) {
            let identifier = UInt16(payload[offset]) << 8 | UInt16(payload[offset + 1])
            guard let identifier = SettingIdentifier(rawValue: identifier) else { continue }
            try take(identifier, payload.number(at: offset + 2))
        }
    }

    private mutating func take(_ identifier: SettingIdentifier, _ value: UInt32) throws(HTTP2ConnectionError) {
        switch identifier {
        case .headerTableSize:
            owesTableSize = owesTableSize || (value < Self.standardTable && !hasSaidTableSize)
        case .enablePush, .enableConnectProtocol:
            guard value <= 1 else { throw HTTP2ConnectionError(.protocolError, "a setting is neither 0 nor 1") }
        case .initialWindowSize:
            guard value <= UInt32(Self.largestWindow) else {
                throw HTTP2ConnectionError(.flowControlError, "SETTINGS_INITIAL_WINDOW_SIZE is beyond 2^31-1")
            }
            initialWindow = Int(value)
        case .maximumFrameSize:
            guard (1 << 14..<1 << 24).contains(value) else {
                throw HTTP2ConnectionError(.protocolError, "SETTINGS_MAX_FRAME_SIZE is not from 2^14 to 2^24-1")
            }
            largestFrame = Int(value)
        case .maximumConcurrentStreams, .maximumHeaderListSize:
            // No stream is opened here, and answers have short heads.
            break
        }
    }

    /// Records that a header block says that the table is empty from now on.
    mutating func saidTableSize() {
        (owesTableSize, hasSaidTableSize) = (false, true)
    }
}

/// What the server opens with: its SETTINGS (RFC 9113 §3.4), and the connection's window for content.
enum HTTP2Opening {
    /// How much a client may send on the connection until it is told again, in bytes: content is thrown away as it comes.
    static let connectionWindow = HTTP2ClientSettings.largestWindow
    /// How much it may send on one stream, in bytes: SETTINGS_INITIAL_WINDOW_SIZE, which is left at its default.
    static let streamWindow = 65_535
    /// The window of a connection at first, in bytes (RFC 9113 §6.9.2).
    private static let firstConnectionWindow = 65_535

    /// Adds the frames, with how many streams a client may have at once, and how large a header list may be, in bytes.
    static func append(to bytes: inout [UInt8], streams: Int, headerList: Int) {
        let settings: [(SettingIdentifier, Int)] = [
            (.maximumConcurrentStreams, streams), (.maximumHeaderListSize, headerList),
        ]
        bytes.appendFrameHeader(.settings, length: settings.count * 6)
        for (identifier, value) in settings {
            bytes += [UInt8(identifier.rawValue >> 8), UInt8(truncatingIfNeeded: identifier.rawValue)]
            bytes.appendNumber(UInt32(clamping: value))
        }
        bytes.appendFrameHeader(.windowUpdate, length: 4)
        bytes.appendNumber(UInt32(connectionWindow - firstConnectionWindow))
    }
}
