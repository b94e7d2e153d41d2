// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPSemantics

/// Finds where a request's head ends, looking at each byte once.
///
/// Every rule is checked byte by byte, so how the bytes are cut cannot change the outcome.
///
/// What can be refused early is: a first byte that no method begins with (a TLS ClientHello, say), a line that ends
/// without a carriage return, a line or a head beyond its limit.
struct HTTP1HeadScanner {
    private let limits: HeadLimits
    /// The offset after the last byte that was looked at.
    private var position = 0
    /// The offset at which the current line begins.
    private var lineStart = 0
    /// The offset up to which no limit is near, whatever the bytes are.
    private var roomEnd: Int
    /// How many lines are complete, but for empty ones before the request line.
    private(set) var lineCount = 0

    /// The first byte of a TLS record that carries a handshake (RFC 8446 §5.1).
    private static let tlsHandshake: UInt8 = 0x16

    init(limits: HeadLimits) {
        self.limits = limits
        roomEnd = min(limits.requestLine, limits.block - 1)
    }

    /// Whether nothing of the head was looked at yet.
    var isAtStart: Bool { position == 0 }

    /// Begins with the next head.
    mutating func reset() {
        position = 0
        lineStart = 0
        lineCount = 0
        roomEnd = min(limits.requestLine, limits.block - 1)
    }

    /// The length of the head, with the empty line that ends it, in everything received since it began; nil if that
    /// line is not there yet.
    mutating func end(in bytes: Span<UInt8>) throws(HTTP1HeadError) -> Int? {
        while position < bytes.count {
            if lineCount == 0, position == lineStart { try requireMethodCharacter(bytes[position]) }
            // As long as no limit is near, only the end of the line matters.
            let roomEnd = min(roomEnd, bytes.count)
            if position < roomEnd {
                position = bytes.firstIndex(of: UInt8(ascii: "\n"), in: position..<roomEnd) ?? roomEnd
                guard position < bytes.count else { return nil }
            }
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\n") {
                guard position - lineStart >= 2, bytes[position - 2] == UInt8(ascii: "\r") else {
                    throw .malformed("A line does not end in CR LF.")
                }
                if let end = try endLine(in: bytes) { return end }
            } else if position > self.roomEnd {
                try requireRoom(upTo: byte)
            }
        }
        return nil
    }

    /// Ends a line behind its line feed, and with an empty one the head.
    private mutating func endLine(in bytes: Span<UInt8>) throws(HTTP1HeadError) -> Int? {
        let line = lineStart..<position - 2
        lineStart = position
        // An empty line before the request line is tolerated (RFC 9112 §2.2).
        if line.isEmpty, lineCount > 0 { return position }
        if !line.isEmpty {
            guard lineCount <= limits.fieldCount else { throw headTooLarge }
            if lineCount == 0, Self.isOfProxyProtocol(bytes.extracting(line)) { throw .proxyProtocol }
            lineCount += 1
        }
        roomEnd = min(lineStart + lineLimit, limits.block - 1)
        return nil
    }

    /// The first form of the PROXY protocol (§2.1), which ends with its line: what follows may not be HTTP.
    private static func isOfProxyProtocol(_ line: Span<UInt8>) -> Bool {
        guard line[0] == UInt8(ascii: "P") else { return false }
        let text = String(text: line)
        return text.hasPrefix("PROXY TCP") || text.hasPrefix("PROXY UNKNOWN")
    }

    /// A line's limit does not count its end, which may begin with this byte; the head's counts everything.
    private func requireRoom(upTo byte: UInt8) throws(HTTP1HeadError) {
        let end = byte == UInt8(ascii: "\r") ? 1 : 0
        guard position - lineStart - end <= lineLimit else { throw lineTooLong }
        // The line feed that is still to come counts too.
        guard position + end <= limits.block else { throw headTooLarge }
    }

    private func requireMethodCharacter(_ byte: UInt8) throws(HTTP1HeadError) {
        guard byte != Self.tlsHandshake else {
            throw .malformed("This port speaks plain HTTP, and a TLS handshake was sent; use an http:// URL.")
        }
        // The second form of the PROXY protocol (§2.2): empty lines, and a zero.
        guard byte != 0 || lineStart == 0 else { throw .proxyProtocol }
        guard byte.isTokenCharacter || byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n") else {
            throw .malformed("A request begins with its method.")
        }
    }

    private var lineLimit: Int { lineCount == 0 ? limits.requestLine : limits.fieldLine }

    private var lineTooLong: HTTP1HeadError {
        lineCount == 0
            ? HTTP1HeadError(status: .uriTooLong, detail: "The request line has more than \(lineLimit) bytes.")
            : HTTP1HeadError(
                status: .requestHeaderFieldsTooLarge,
                detail: "A field line has more than \(lineLimit) bytes."
            )
    }

    private var headTooLarge: HTTP1HeadError {
        HTTP1HeadError(
            status: .requestHeaderFieldsTooLarge,
            detail: "The head has more than \(limits.block) bytes or \(limits.fieldCount) fields."
        )
    }
}
