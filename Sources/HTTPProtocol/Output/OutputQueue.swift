// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
package import HTTPService

/// What a connection has to send, in order: bytes of its own, parts of what is shared with others, and where answers end.
///
/// Nothing of a module is copied. The memory for small bytes is kept for those that come next, so where one queue serves the
/// connections of a thread in turn, an answer that is sent at once costs no allocation here.
///
/// Arrays are taken out while they are changed and put back then: nothing else of the queue happens meanwhile, and it need not be
/// checked at run time that this is so.
@safe
package final class OutputQueue {
    enum Part {
        /// Bytes of the queue's own, by their offsets there.
        case bytes(Range<Int>)
        /// A response's content.
        indirect case content(Response.Body)
        /// DATA frames of a stream.
        indirect case frames(DataFrames)
    }

    /// The end of an answer, and how many bytes were added before it.
    private struct End {
        let offset: Int
        let exchange: PendingExchange
    }

    /// How many bytes were added since the queue was empty, and how many of them were sent.
    private var (added, sent) = (0, 0)
    private(set) var own: [UInt8] = []
    /// What is sent before those of the queue's own bytes that belong to no part.
    private(set) var parts: [Part] = []
    /// From where on the queue's own bytes belong to no part.
    private var ownStart = 0
    /// The first part that was not sent whole, and how many of its bytes were sent; behind all parts there are the own bytes.
    private var position = (part: 0, offset: 0)
    private var ends: [End] = []
    /// The answers that were sent whole, until someone takes them out.
    private var ended: [End] = []
    /// Nothing points to anything but while what is sent next is given away.
    private var pieces = unsafe [UnsafeRawBufferPointer]()

    /// From how many bytes on a part of a memory file is sent with sendfile(2), which is a system call of its own.
    private static let leastOfFile = 64 << 10
    /// How many parts, and how many of the own bytes behind all parts, may be there that were sent.
    private static let (mostSentParts, mostSentBytes) = (64, 16 << 10)

    /// An empty queue.
    package init() {}

    /// How many bytes are to be sent.
    package var byteCount: Int { added - sent }

    /// Whether there is nothing to be sent.
    package var isEmpty: Bool { added == sent }

    // MARK: Adding

    /// Adds a copy of bytes.
    package func append(_ bytes: [UInt8]) {
        append { $0 += bytes }
    }

    /// Adds bytes that `write` puts behind others.
    package func append(by write: (inout [UInt8]) -> Void) {
        var bytes: [UInt8] = []
        swap(&bytes, &own)
        let start = bytes.count
        write(&bytes)
        added += bytes.count - start
        swap(&bytes, &own)
    }

    /// Adds a response's content, which is shared.
    package func append(_ content: Response.Body) {
        guard content.count > 0 else { return }
        added += content.count
        append(.content(content))
    }

    /// Adds DATA frames of a stream.
    package func append(_ frames: DataFrames) {
        added += frames.byteCount
        var frames = frames
        frames.headersOffset = own.count
        append(.frames(frames))
        var bytes: [UInt8] = []
        swap(&bytes, &own)
        frames.appendHeaders(to: &bytes)
        ownStart = bytes.count
        swap(&bytes, &own)
    }

    /// Adds a part behind those of the queue's own bytes that belong to none.
    private func append(_ part: Part) {
        var parts = takeParts()
        if own.count > ownStart { parts.append(.bytes(ownStart..<own.count)) }
        parts.append(part)
        ownStart = own.count
        swap(&parts, &self.parts)
    }

    private func takeParts() -> [Part] {
        var taken: [Part] = []
        swap(&taken, &parts)
        return taken
    }

    /// Marks the end of an answer, behind its last byte.
    package func appendEnd(of exchange: PendingExchange) {
        let end = End(offset: added, exchange: exchange)
        var ends: [End] = []
        guard !isEmpty else {
            swap(&ends, &ended)
            ends.append(end)
            return swap(&ends, &ended)
        }
        swap(&ends, &self.ends)
        ends.append(end)
        swap(&ends, &self.ends)
    }

    // MARK: Sending

    /// What is sent next, if that is a large part of a memory file: its descriptor, which is open until the queue is changed, and the
    /// offsets in it.
    package var nextOfFile: (descriptor: CInt, range: Range<Int>)? {
        guard position.part < parts.count else { return nil }
        return Self.ofFile(parts[position.part], from: position.offset)
    }

    private static func ofFile(_ part: Part, from offset: Int) -> (descriptor: CInt, range: Range<Int>)? {
        guard case .content(let content) = part, case .blob(let blob, let range) = content,
            range.count - offset >= leastOfFile, let descriptor = blob.descriptor
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
        if parts.isEmpty { return unsafe withOwn(upTo: byteLimit, body) }
        var pieces = unsafe [UnsafeRawBufferPointer]()
        unsafe swap(&pieces, &self.pieces)
        defer {
            unsafe pieces.removeAll(keepingCapacity: true)
            unsafe swap(&pieces, &self.pieces)
        }
        let own = own
        return unsafe own.withUnsafeBytes { own in
            let count = unsafe addPieces(to: &pieces, own, upTo: pieceLimit, bytes: byteLimit, sparesFiles)
            let somethingFollows = count < byteCount
            return unsafe pieces.withUnsafeBufferPointer { unsafe body($0, somethingFollows) }
        }
    }

    /// Calls `body` with the memory of the own bytes, which are all there is.
    private func withOwn<Result>(
        upTo byteLimit: Int,
        _ body: (UnsafeBufferPointer<UnsafeRawBufferPointer>, _ somethingFollows: Bool) -> Result
    ) -> Result {
        let own = own
        return unsafe own.withUnsafeBytes { own in
            let piece = unsafe UnsafeRawBufferPointer(rebasing: own[(ownStart + position.offset)...].prefix(byteLimit))
            return unsafe withUnsafePointer(to: piece) { piece in
                unsafe body(UnsafeBufferPointer(start: piece, count: 1), piece.pointee.count < byteCount)
            }
        }
    }

    /// Adds the memory of what is sent next; returns how many bytes that are.
    private func addPieces(
        to pieces: inout [UnsafeRawBufferPointer],
        _ own: UnsafeRawBufferPointer,
        upTo pieceLimit: Int,
        bytes byteLimit: Int,
        _ sparesFiles: Bool
    ) -> Int {
        let parts = parts
        var (index, offset) = position
        var room = byteLimit
        while unsafe index <= parts.count && pieces.count < pieceLimit && room > 0 {
            guard index < parts.count else {
                let bytes = unsafe UnsafeRawBufferPointer(rebasing: own[(ownStart + offset)...].prefix(room))
                if bytes.count > 0 { unsafe pieces.append(bytes) }
                return byteLimit - room + bytes.count
            }
            guard !sparesFiles || Self.ofFile(parts[index], from: offset) == nil else { break }
            switch parts[index] {
            case .bytes(let range):
                let bytes = unsafe UnsafeRawBufferPointer(rebasing: own[range].dropFirst(offset).prefix(room))
                room -= bytes.count
                unsafe pieces.append(bytes)
            case .content(let content):
                let bytes = unsafe UnsafeRawBufferPointer(rebasing: content.memory.dropFirst(offset).prefix(room))
                room -= bytes.count
                unsafe pieces.append(bytes)
            case .frames(let frames):
                room -= unsafe frames.addPieces(
                    to: &pieces,
                    from: offset,
                    headers: own,
                    upTo: pieceLimit,
                    bytes: room
                )
            }
            (index, offset) = (index + 1, 0)
        }
        return byteLimit - room
    }

    /// Takes off what was sent, in bytes.
    package func advance(by count: Int) {
        precondition(count <= byteCount, "no more is sent than there was")
        sent += count
        takeEnds()
        if isEmpty { clear() } else { skip(count) }
    }

    /// Records the answers that end before what is to be sent now.
    private func takeEnds() {
        guard let first = ends.first, first.offset <= sent else { return }
        var (waiting, ended): ([End], [End]) = ([], [])
        swap(&waiting, &ends)
        swap(&ended, &self.ended)
        if isEmpty, ended.isEmpty {
            swap(&waiting, &ended)
        } else {
            let count = waiting.firstIndex { $0.offset > sent } ?? waiting.count
            ended += waiting[..<count]
            waiting.removeFirst(count)
        }
        swap(&waiting, &ends)
        swap(&ended, &self.ended)
    }

    private func skip(_ count: Int) {
        var rest = count
        while position.part < parts.count {
            let left = self.count(of: parts[position.part]) - position.offset
            guard rest >= left else { break }
            rest -= left
            position = (position.part + 1, 0)
        }
        position.offset += rest
        let isBehindParts = position.part == parts.count
        if position.part >= Self.mostSentParts || (isBehindParts && position.offset >= Self.mostSentBytes) {
            forgetSent()
        }
    }

    /// Lets go of what was sent: a client may see to it that there is always something left.
    private func forgetSent() {
        let rest = takeRest()
        (added, sent, ownStart, position) = (rest.added, rest.sent, rest.ownStart, rest.position)
        (own, parts, ends, ended) = (rest.own, rest.parts, rest.ends, rest.ended)
    }

    private func count(of part: Part) -> Int {
        switch part {
        case .bytes(let range): range.count
        case .content(let content): content.count
        case .frames(let frames): frames.byteCount
        }
    }

    /// Forgets all bytes and parts; their memory is kept.
    private func clear() {
        (added, sent, ownStart, position) = (0, 0, 0, (0, 0))
        var bytes: [UInt8] = []
        swap(&bytes, &own)
        bytes.removeAll(keepingCapacity: true)
        swap(&bytes, &own)
        guard !parts.isEmpty else { return }
        var parts = takeParts()
        parts.removeAll(keepingCapacity: true)
        swap(&parts, &self.parts)
    }

    /// Takes out an answer whose last byte was sent; nil if there is no other.
    package func takeEnded() -> PendingExchange? {
        guard !ended.isEmpty else { return nil }
        var ended: [End] = []
        swap(&ended, &self.ended)
        let first = ended.count == 1 ? ended.popLast() : ended.removeFirst()
        swap(&ended, &self.ended)
        return first?.exchange
    }

    /// Empties the queue, as nothing more can be sent; returns the answers that were not sent whole.
    package func abandon() -> [PendingExchange] {
        defer { clear() }
        guard !ends.isEmpty else { return [] }
        var abandoned: [End] = []
        swap(&abandoned, &ends)
        return abandoned.map(\.exchange)
    }

    /// Moves what is left to be sent into a queue of its own, which takes no more memory than that.
    package func takeRest() -> OutputQueue {
        let rest = OutputQueue()
        let (parts, skipped) = (parts[position.part...], position.offset)
        for index in parts.indices {
            let offset = index == position.part ? skipped : 0
            switch parts[index] {
            case .bytes(let range): rest.append(Array(own[range.dropFirst(offset)]))
            case .content(let content):
                rest.append(content)
                rest.skipFirst(offset)
            case .frames(let frames):
                rest.append(frames)
                rest.skipFirst(offset)
            }
        }
        let offset = parts.isEmpty ? skipped : 0
        rest.append(Array(own[(ownStart + offset)...]))
        let moved = rest.sent - sent
        (rest.ends, ends) = (ends.map { End(offset: $0.offset + moved, exchange: $0.exchange) }, [])
        (rest.ended, ended) = (ended, [])
        clear()
        return rest
    }

    /// Notes that the first bytes of the first part were sent.
    private func skipFirst(_ count: Int) {
        guard count > 0 else { return }
        sent += count
        position.offset = count
    }
}
