// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics

/// Finds where a request's head ends, however its bytes are cut, looking at each byte once.
///
/// What can be refused early is refused early: a first byte that no method begins with (a TLS ClientHello, say), a line
/// that ends without a carriage return, a line or a head beyond its limit.
struct HTTP1HeadScanner {
    private let limits: HeadLimits
    /// The offset after the last byte that was looked at.
    private var position = 0
    /// The offset at which the current line begins.
    private var lineStart = 0
    /// The lines that are complete, without their ends.
    private(set) var lines: [Range<Int>] = []

    /// The first byte of a TLS record that carries a handshake (RFC 8446 §5.1).
    private static let tlsHandshake: UInt8 = 0x16

    init(limits: HeadLimits) {
        self.limits = limits
    }

    /// Begins with the next head.
    mutating func reset() {
        position = 0
        lineStart = 0
        lines.removeAll(keepingCapacity: true)
    }

    /// Looks at the bytes that are new.
    ///
    /// - Parameter bytes: Everything that was received since the head began.
    /// - Returns: The head's length with the empty line that ends it; nil as long as that is not there.
    /// - Throws: ``HTTP1HeadError``.
    mutating func end(in bytes: Span<UInt8>) throws(HTTP1HeadError) -> Int? {
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\n") {
                guard position - lineStart >= 2, bytes[position - 2] == UInt8(ascii: "\r") else {
                    throw .malformed("A line does not end in CR LF.")
                }
                let line = lineStart..<position - 2
                lineStart = position
                // An empty line before the request line is tolerated (RFC 9112 §2.2).
                if line.isEmpty, lines.isEmpty { continue }
                if line.isEmpty { return position }
                try add(line)
            } else if lines.isEmpty, position - 1 == lineStart {
                try requireMethodCharacter(byte)
            }
        }
        guard position - lineStart <= lineLimit else { throw lineTooLong }
        guard position <= limits.block else { throw headTooLarge }
        return nil
    }

    private mutating func add(_ line: Range<Int>) throws(HTTP1HeadError) {
        guard line.count <= lineLimit else { throw lineTooLong }
        guard position <= limits.block, lines.count <= limits.fieldCount else { throw headTooLarge }
        lines.append(line)
    }

    private func requireMethodCharacter(_ byte: UInt8) throws(HTTP1HeadError) {
        guard byte != Self.tlsHandshake else {
            throw .malformed("This port speaks plain HTTP, and a TLS handshake was sent; use an http:// URL.")
        }
        guard byte.isTokenCharacter || byte == UInt8(ascii: "\r") else {
            throw .malformed("A request begins with its method.")
        }
    }

    private var lineLimit: Int { lines.isEmpty ? limits.requestLine : limits.fieldLine }

    private var lineTooLong: HTTP1HeadError {
        lines.isEmpty
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
