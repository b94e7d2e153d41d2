// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Finds the frames in what an HTTP/2 client sends, however its bytes are cut.
///
/// It looks at the nine bytes of frame headers (RFC 9113 §4.1) and skips everything else.
struct HTTP2FrameScanner: Equatable {
    /// The bytes to skip until the next frame header: first the preface (RFC 9113 §3.4), then payloads.
    private var skipped = HTTP2FrameScanner.prefaceLength
    /// The bytes of a frame header that came in pieces.
    private var header: [UInt8] = []
    private var isInHeaderBlock = false

    /// How many frames have begun.
    private(set) var begun = 0
    /// How many units were received whole: the preface, frames, and header blocks, however many frames they have.
    private(set) var received = 0

    /// Whether a SETTINGS frame has begun that has more settings than one may have.
    private(set) var hasExcessiveSettings = false

    /// The connection preface, in bytes (RFC 9113 §3.4).
    static let prefaceLength = 24
    /// Length, type, flags and stream of a frame, in bytes (RFC 9113 §4.1).
    static let headerLength = 9
    /// The largest payload of a frame that may come, in bytes: SETTINGS_MAX_FRAME_SIZE, which the server leaves at its
    /// default (RFC 9113 §4.2).
    static let largestPayload = 1 << 14
    private static let headers: UInt8 = 1
    private static let continuation: UInt8 = 9
    private static let endHeaders: UInt8 = 4

    /// Whether a frame or a header block has begun and not ended.
    var isWithinFrame: Bool { skipped > 0 || !header.isEmpty || isInHeaderBlock }

    /// Looks at what was received next.
    mutating func scan(_ bytes: some RandomAccessCollection<UInt8>) {
        var rest = bytes[...]
        while !rest.isEmpty {
            if skipped > 0 {
                let part = min(skipped, rest.count)
                rest = rest.dropFirst(part)
                skipped -= part
                if skipped == 0 { endFrame() }
            } else {
                let part = rest.prefix(Self.headerLength - header.count)
                header += part
                rest = rest.dropFirst(part.count)
                if header.count == Self.headerLength { beginFrame() }
            }
        }
    }

    private mutating func beginFrame() {
        begun += 1
        skipped = Int(header[0]) << 16 | Int(header[1]) << 8 | Int(header[2])
        if header[3] == Self.headers || header[3] == Self.continuation {
            isInHeaderBlock = header[4] & Self.endHeaders == 0
        } else if header[3] == HTTP2ClientSettings.frameType {
            hasExcessiveSettings = hasExcessiveSettings || skipped > HTTP2ClientSettings.longestPayload
        }
        header.removeAll(keepingCapacity: true)
        if skipped == 0 { endFrame() }
    }

    private mutating func endFrame() {
        if !isInHeaderBlock { received += 1 }
    }
}
