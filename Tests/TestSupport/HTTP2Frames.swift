// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// HTTP/2 frames as bytes, written and read by hand (RFC 9113 §4.1, §6).
package struct HTTP2Frames: Sendable {
    /// The content of the DATA frames of each stream.
    private var contents: [Int: [UInt8]] = [:]
    /// The streams on which there were HEADERS frames.
    package private(set) var answeredStreams: Set<Int> = []
    /// The error of the RST_STREAM frame of each stream that has one.
    package private(set) var resets: [Int: Int] = [:]
    /// The last stream that each GOAWAY frame names.
    package private(set) var goAwayLastStreams: [Int] = []
    /// The error that each GOAWAY frame names, but NO_ERROR.
    package private(set) var goAwayErrors: [Int] = []
    /// The value of each setting, by its identifier (RFC 9113 §6.5.2).
    package private(set) var settings: [Int: Int] = [:]
    /// How many SETTINGS frames acknowledge the client's.
    package private(set) var acknowledgements = 0

    /// Reads the frames in what a server sent.
    package init(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while rest.count >= 9 {
            let length = Self.integer(rest.prefix(3))
            let type = rest[rest.startIndex + 3]
            let stream = Self.integer(rest.dropFirst(5).prefix(4)) & 0x7fff_ffff
            let payload = rest.dropFirst(9).prefix(length)
            switch type {
            case 0x0: contents[stream, default: []] += payload
            case 0x1: answeredStreams.insert(stream)
            case 0x3: resets[stream] = Self.integer(payload.prefix(4))
            case 0x4:
                if rest[rest.startIndex + 4] & 1 != 0 { acknowledgements += 1 }
                for setting in stride(from: payload.startIndex, to: payload.endIndex, by: 6).map({
                    payload[$0..<$0 + 6]
                }) {
                    settings[Self.integer(setting.prefix(2))] = Self.integer(setting.dropFirst(2))
                }
            case 0x7:
                goAwayLastStreams.append(Self.integer(payload.prefix(4)) & 0x7fff_ffff)
                let error = Self.integer(payload.dropFirst(4).prefix(4))
                if error != 0 { goAwayErrors.append(error) }
            default: break
            }
            rest = rest.dropFirst(9 + length)
        }
    }

    /// The content that was received on a stream.
    package func content(ofStream stream: Int) -> [UInt8] { contents[stream] ?? [] }

    /// What a client opens with: the preface, SETTINGS with the largest stream window, and a WINDOW_UPDATE that makes the
    /// connection's as large (RFC 9113 §3.4, §6.5.2, §6.9).
    package static let opening =
        preface + frame(0x4, payload: [0x00, 0x04, 0x7f, 0xff, 0xff, 0xff])
        + frame(0x8, payload: [0x7f, 0xff, 0x00, 0x00])

    /// What a client opens with that takes no content: SETTINGS_INITIAL_WINDOW_SIZE is 0.
    package static let openingWithoutWindow = preface + frame(0x4, payload: [0x00, 0x04, 0, 0, 0, 0])

    /// The connection preface (RFC 9113 §3.4).
    package static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    /// A GET, with literal fields and indexed names of HPACK's static table (RFC 7541 §6.1, §6.2.2).
    package static func get(_ path: String, stream: Int = 1) -> [UInt8] {
        // 0x82: `:method: GET`; 0x86: `:scheme: http`; 0x04: `:path` with a literal value; 0x01: `:authority` likewise.
        let block = [0x82, 0x86, 0x04, UInt8(path.utf8.count)] + Array(path.utf8) + [0x01, 0x01, UInt8(ascii: "a")]
        return frame(0x1, flags: 0x5, stream: stream, payload: block)
    }

    /// A GOAWAY: the client will send no other request.
    package static let goAway = frame(0x7, payload: [0, 0, 0, 0, 0, 0, 0, 0])

    /// The acknowledgement of the server's SETTINGS (RFC 9113 §6.5.3).
    package static let settingsAcknowledgement = frame(0x4, flags: 0x1, payload: [])

    /// A frame.
    package static func frame(_ type: UInt8, flags: UInt8 = 0, stream: Int = 0, payload: [UInt8]) -> [UInt8] {
        bytes(of: payload.count, count: 3) + [type, flags] + bytes(of: stream, count: 4) + payload
    }

    private static func bytes(of number: Int, count: Int) -> [UInt8] {
        (0..<count).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }

    private static func integer(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.reduce(0) { $0 << 8 | Int($1) }
    }
}
