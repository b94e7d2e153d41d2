// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPService

/// What an HTTP/1.x client has sent and nobody has answered yet.
struct HTTP1Input {
    /// The bytes of heads that were not taken off, where not all of what was received could be used at once.
    private var held: [UInt8] = []
    private var scanner: HTTP1HeadScanner
    private let selection: FieldSelection

    /// No input yet; limits of heads, and which fields are read besides the usual ones.
    init(limits: HeadLimits, reading selection: FieldSelection = FieldSelection()) {
        scanner = HTTP1HeadScanner(limits: limits)
        self.selection = selection
    }

    /// Whether nothing is held.
    var isEmpty: Bool { held.isEmpty }

    /// Holds further bytes.
    mutating func hold(_ bytes: Span<UInt8>) {
        guard !bytes.isEmpty else { return }
        unsafe bytes.withUnsafeBufferPointer { unsafe held.append(contentsOf: $0) }
    }

    /// Takes out what is held; the rest of it is to be held again.
    mutating func take() -> [UInt8] {
        var taken: [UInt8] = []
        swap(&taken, &held)
        return taken
    }

    /// Holds again what is left of bytes that were taken out, without their first `count`.
    mutating func putBack(_ bytes: consuming [UInt8], without count: Int) {
        guard count < bytes.count else { return }
        if count > 0 { bytes.removeFirst(count) }
        held = bytes
    }

    /// The next head in everything received since it began, and its length; nil as long as it is not complete.
    mutating func head(in bytes: Span<UInt8>) throws(HTTP1HeadError) -> (HTTP1Head, length: Int)? {
        guard let end = try scanner.end(in: bytes) else { return nil }
        let head = try HTTP1HeadParser.parse(bytes.extracting(..<end), lines: scanner.lines, reading: selection)
        scanner.reset()
        return (head, end)
    }

    /// What can be read of a head that is refused or not complete, for the log.
    func excerpt(of bytes: Span<UInt8>) -> Request? {
        HTTP1Excerpt.request(in: bytes, reading: selection)
    }

    /// What can be read of a head that is held, for the log.
    var excerpt: Request? { excerpt(of: held.span) }

    /// Throws away what is held.
    mutating func clear() { held = [] }
}
