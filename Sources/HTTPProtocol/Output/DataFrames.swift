// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
package import HTTPService

/// DATA frames of one stream in a row (RFC 9113 §6.1): all are of the same size but the last.
///
/// So two headers serve all of them, and however many there are, they take no more memory than one.
package struct DataFrames {
    private let stream: UInt32
    private let content: Response.Body
    private let range: Range<Int>
    private let frameSize: Int
    private let endsStream: Bool
    /// Where the headers are among the bytes of the queue that has the frames.
    var headersOffset = 0

    private static let headerLength = HTTP2FrameHeader.length

    /// Frames with a part of a response's content.
    ///
    /// - Parameters:
    ///   - stream: The stream's identifier.
    ///   - content: The content.
    ///   - range: Which of its bytes, counted from 0; at least one.
    ///   - frameSize: The payload of each frame but the last, in bytes: at most the client's SETTINGS_MAX_FRAME_SIZE.
    ///   - endsStream: Whether the last one has the flag END_STREAM.
    package init(stream: UInt32, content: Response.Body, range: Range<Int>, frameSize: Int, endsStream: Bool) {
        precondition(!range.isEmpty && range.upperBound <= content.count, "frames have a part of the content")
        (self.stream, self.content, self.range) = (stream, content, range)
        (self.frameSize, self.endsStream) = (min(frameSize, range.count), endsStream)
    }

    /// How many frames there are.
    package var count: Int { (range.count + frameSize - 1) / frameSize }

    /// How many bytes they take, with their headers.
    package var byteCount: Int { range.count + count * Self.headerLength }

    /// Puts the two headers behind other bytes: that of each frame but the last, and that of the last.
    func appendHeaders(to bytes: inout [UInt8]) {
        bytes.appendFrameHeader(.data, length: frameSize, stream: stream)
        bytes.appendFrameHeader(
            .data,
            length: range.count - (count - 1) * frameSize,
            flags: endsStream ? .endStream : [],
            stream: stream
        )
    }

    /// Adds the memory of headers and payloads to pieces.
    ///
    /// - Parameters:
    ///   - pieces: Where it is added.
    ///   - offset: How many bytes of the frames are left out.
    ///   - headers: The bytes that the headers are among.
    ///   - pieceLimit: The most pieces that there may be then.
    ///   - byteLimit: The most bytes that are added.
    /// - Returns: How many bytes were added.
    func addPieces(
        to pieces: inout [UnsafeRawBufferPointer],
        from offset: Int,
        headers: UnsafeRawBufferPointer,
        upTo pieceLimit: Int,
        bytes byteLimit: Int
    ) -> Int {
        let memory = unsafe content.memory
        let (full, count) = (Self.headerLength + frameSize, count)
        var (frame, skipped) = offset.quotientAndRemainder(dividingBy: full)
        var room = byteLimit
        while frame < count, room > 0 {
            if skipped == 0 {
                let whole = min(count - 1 - frame, room / full, unsafe (pieceLimit - pieces.count) / 2)
                if whole > 0 {
                    unsafe addWhole(frame..<frame + whole, of: memory, headers: headers, to: &pieces)
                    (frame, room) = (frame + whole, room - whole * full)
                    continue
                }
            }
            let isLast = frame == count - 1
            if skipped < Self.headerLength {
                guard unsafe pieces.count < pieceLimit else { break }
                let start = headersOffset + (isLast ? Self.headerLength : 0)
                let range = start + skipped..<start + Self.headerLength
                let header = unsafe UnsafeRawBufferPointer(rebasing: headers[range].prefix(room))
                room -= header.count
                unsafe pieces.append(header)
                skipped = Self.headerLength
            }
            guard unsafe pieces.count < pieceLimit, room > 0 else { break }
            let start = range.lowerBound + frame * frameSize
            let end = isLast ? range.upperBound : start + frameSize
            let rest = start + skipped - Self.headerLength..<end
            let payload = unsafe UnsafeRawBufferPointer(rebasing: memory[rest].prefix(room))
            room -= payload.count
            unsafe pieces.append(payload)
            (frame, skipped) = (frame + 1, 0)
        }
        return byteLimit - room
    }

    /// Adds frames that are sent whole, and are not the last.
    private func addWhole(
        _ frames: Range<Int>,
        of memory: UnsafeRawBufferPointer,
        headers: UnsafeRawBufferPointer,
        to pieces: inout [UnsafeRawBufferPointer]
    ) {
        let first = range.lowerBound + frames.lowerBound * frameSize
        let content = unsafe UnsafeRawBufferPointer(rebasing: memory[first..<first + frames.count * frameSize])
        let header = unsafe UnsafeRawBufferPointer(rebasing: headers[headersOffset..<headersOffset + Self.headerLength])
        guard var start = content.baseAddress else { return }
        for _ in frames {
            unsafe pieces.append(header)
            unsafe pieces.append(UnsafeRawBufferPointer(start: start, count: frameSize))
            unsafe start += frameSize
        }
    }
}

extension Response.Body {
    /// The content; valid as long as the body is held.
    var memory: UnsafeRawBufferPointer {
        switch self {
        case .none: unsafe UnsafeRawBufferPointer(start: nil, count: 0)
        case .bytes(let bytes): unsafe bytes.memory
        case .blob(let blob, let range): unsafe UnsafeRawBufferPointer(rebasing: blob.pages[range])
        }
    }
}
