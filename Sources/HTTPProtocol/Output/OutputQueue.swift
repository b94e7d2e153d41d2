// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
package import HTTPService

/// What a connection has to send, in order: bytes of its own, parts of what is shared with others, and where answers end.
///
/// Nothing of a module is copied. The memory for small bytes is kept for those that come next, so where one queue serves the
/// connections of a thread in turn, an answer that is sent at once costs no allocation here.
@safe
package final class OutputQueue {
    private enum Part {
        /// Bytes of the queue's own, by their offsets there.
        case bytes(Range<Int>)
        /// A response's content.
        case content(Response.Body)
        /// DATA frames of a stream.
        case frames(DataFrames)
        /// The end of an answer.
        case end(PendingExchange)
    }

    /// How many bytes are to be sent.
    package private(set) var byteCount = 0
    private var own: [UInt8] = []
    private var parts: [Part] = []
    /// The first part that was not sent whole, and how many of its bytes were sent.
    private var position = (part: 0, offset: 0)
    /// The answers that were sent whole, until someone takes them out.
    private var ended: [PendingExchange] = []
    /// Nothing points to anything but while what is sent next is given away.
    private var pieces = unsafe [UnsafeRawBufferPointer]()

    /// From how many bytes on a part of a memory file is sent with sendfile(2), which is a system call of its own.
    private static let leastOfFile = 64 << 10

    /// An empty queue.
    package init() {}

    /// Whether there is nothing to be sent.
    package var isEmpty: Bool { byteCount == 0 }

    // MARK: Adding

    /// Adds a copy of bytes.
    package func append(_ bytes: [UInt8]) {
        let start = own.count
        own += bytes
        appendOwn(from: start)
    }

    /// Adds bytes that `write` puts behind others.
    package func append(by write: (inout [UInt8]) -> Void) {
        let start = own.count
        write(&own)
        appendOwn(from: start)
    }

    private func appendOwn(from start: Int) {
        guard own.count > start else { return }
        byteCount += own.count - start
        if case .bytes(let range)? = parts.last, range.upperBound == start {
            parts[parts.count - 1] = .bytes(range.lowerBound..<own.count)
        } else {
            parts.append(.bytes(start..<own.count))
        }
    }

    /// Adds a response's content, which is shared.
    package func append(_ content: Response.Body) {
        guard content.count > 0 else { return }
        byteCount += content.count
        parts.append(.content(content))
    }

    /// Adds DATA frames of a stream.
    package func append(_ frames: DataFrames) {
        byteCount += frames.byteCount
        var frames = frames
        frames.headersOffset = own.count
        frames.appendHeaders(to: &own)
        parts.append(.frames(frames))
    }

    /// Marks the end of an answer, behind its last byte.
    package func appendEnd(of exchange: PendingExchange) {
        if isEmpty { ended.append(exchange) } else { parts.append(.end(exchange)) }
    }

    // MARK: Sending

    /// What is sent next, if that is a large part of a memory file: its descriptor, which is open until the queue is changed, and the
    /// offsets in it.
    package var nextOfFile: (descriptor: CInt, range: Range<Int>)? {
        guard position.part < parts.count else { return nil }
        return Self.ofFile(parts[position.part], from: position.offset)
    }

    private static func ofFile(_ part: Part, from offset: Int) -> (descriptor: CInt, range: Range<Int>)? {
        guard case .content(.blob(let blob, let range)) = part, range.count - offset >= leastOfFile,
            let descriptor = blob.descriptor
        else { return nil }
        return (descriptor, range.lowerBound + offset..<range.upperBound)
    }

    /// Calls `body` with the memory of what is sent next, which is valid for the length of the call.
    ///
    /// - Parameters:
    ///   - pieceLimit: The most pieces, at least two.
    ///   - byteLimit: The most bytes.
    ///   - sparesFiles: Whether it ends before what ``nextOfFile`` would give.
    ///   - body: Is given the pieces, and whether something follows them.
    /// - Returns: What `body` does.
    package func withPieces<Result>(
        upTo pieceLimit: Int,
        bytes byteLimit: Int = .max,
        sparingFiles sparesFiles: Bool,
        _ body: (UnsafeBufferPointer<UnsafeRawBufferPointer>, _ somethingFollows: Bool) -> Result
    ) -> Result {
        unsafe own.withUnsafeBytes { own in
            unsafe pieces.removeAll(keepingCapacity: true)
            var room = byteLimit
            var offset = position.offset
            var ownEnd: Int?
            for part in parts[position.part...] {
                guard unsafe pieces.count < pieceLimit, room > 0,
                    !(sparesFiles && Self.ofFile(part, from: offset) != nil)
                else { break }
                switch part {
                case .bytes(let range):
                    let bytes = unsafe UnsafeRawBufferPointer(rebasing: own[range].dropFirst(offset).prefix(room))
                    room -= bytes.count
                    if ownEnd == range.lowerBound, let last = unsafe pieces.popLast() {
                        // Only the ends of answers were between them.
                        let start = range.lowerBound - last.count
                        unsafe pieces.append(
                            UnsafeRawBufferPointer(rebasing: own[start..<range.lowerBound + bytes.count])
                        )
                    } else {
                        unsafe pieces.append(bytes)
                    }
                    ownEnd = range.upperBound
                case .content(let content):
                    let bytes = unsafe UnsafeRawBufferPointer(rebasing: content.memory.dropFirst(offset).prefix(room))
                    room -= bytes.count
                    unsafe pieces.append(bytes)
                    ownEnd = nil
                case .frames(let frames):
                    room -= unsafe frames.addPieces(
                        to: &pieces,
                        from: offset,
                        headers: own,
                        upTo: pieceLimit,
                        bytes: room
                    )
                    ownEnd = nil
                case .end:
                    continue
                }
                offset = 0
            }
            let somethingFollows = byteLimit - room < byteCount
            return unsafe pieces.withUnsafeBufferPointer { unsafe body($0, somethingFollows) }
        }
    }

    /// Takes off what was sent, in bytes.
    package func advance(by count: Int) {
        precondition(count <= byteCount, "no more is sent than there was")
        byteCount -= count
        var rest = count
        while position.part < parts.count {
            if case .end(let exchange) = parts[position.part] {
                ended.append(exchange)
            } else {
                let left = self.count(of: parts[position.part]) - position.offset
                guard rest >= left else {
                    position.offset += rest
                    return
                }
                rest -= left
            }
            position = (position.part + 1, 0)
        }
        clear()
    }

    private func count(of part: Part) -> Int {
        switch part {
        case .bytes(let range): range.count
        case .content(let content): content.count
        case .frames(let frames): frames.byteCount
        case .end: 0
        }
    }

    private func clear() {
        own.removeAll(keepingCapacity: true)
        parts.removeAll(keepingCapacity: true)
        position = (0, 0)
    }

    /// Takes out an answer whose last byte was sent; nil if there is no other.
    package func takeEnded() -> PendingExchange? {
        guard !ended.isEmpty else { return nil }
        return ended.removeFirst()
    }

    /// Empties the queue, as nothing more can be sent; returns the answers that were not sent whole.
    package func abandon() -> [PendingExchange] {
        defer {
            byteCount = 0
            clear()
        }
        return parts[position.part...].compactMap { part in
            if case .end(let exchange) = part { exchange } else { nil }
        }
    }

    /// Moves what is left to be sent into a queue of its own, which takes no more memory than that.
    package func takeRest() -> OutputQueue {
        let rest = OutputQueue()
        rest.parts.reserveCapacity(parts.count - position.part)
        rest.position.offset = position.offset
        for part in parts[position.part...] {
            if case .bytes(let range) = part {
                rest.append(Array(own[range.dropFirst(rest.parts.isEmpty ? position.offset : 0)]))
            } else if case .frames(let frames) = part {
                rest.append(frames)
            } else {
                rest.parts.append(part)
            }
        }
        if case .bytes? = rest.parts.first { rest.position.offset = 0 }
        (rest.byteCount, byteCount) = (byteCount, 0)
        swap(&rest.ended, &ended)
        clear()
        return rest
    }
}
