// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import Credentials

/// The protocols that a client offers to speak once its handshake is complete (RFC 7301 §3.1), the one that it likes best first.
struct OfferedProtocols: Equatable {
    /// Their names, which may be any bytes.
    let names: [[UInt8]]

    private static let randomSize = 32
    /// The type of the extension that has them.
    private static let negotiation = 16
    /// How many names a log gets, and how many bytes of each.
    private static let (toldNames, toldBytes) = (8, 32)

    /// Reads a ClientHello without its head (RFC 8446 §4.1.2); nil if it offers none, or is not as it must be.
    init?(clientHello bytes: Span<UInt8>) {
        var cursor = VectorCursor(offset: 0, end: bytes.count)
        // The version, the random number, the session, the suites and the compression methods.
        guard cursor.skip(2 + Self.randomSize), cursor.vector(of: bytes, lengthSize: 1) != nil,
            cursor.vector(of: bytes, lengthSize: 2) != nil, cursor.vector(of: bytes, lengthSize: 1) != nil,
            var extensions = cursor.vector(of: bytes, lengthSize: 2), cursor.isAtEnd
        else { return nil }
        var found: [[UInt8]]?
        while !extensions.isAtEnd {
            guard let type = extensions.number(of: bytes, size: 2),
                let content = extensions.vector(of: bytes, lengthSize: 2)
            else { return nil }
            guard type == Self.negotiation else { continue }
            guard found == nil, let names = Self.names(in: bytes, at: content) else { return nil }
            found = names
        }
        guard let found else { return nil }
        names = found
    }

    /// Reads a ProtocolNameList (RFC 7301 §3.1): names that are not empty, at least one.
    private static func names(in bytes: Span<UInt8>, at content: VectorCursor) -> [[UInt8]]? {
        var content = content
        guard var list = content.vector(of: bytes, lengthSize: 2), content.isAtEnd, !list.isAtEnd else { return nil }
        var names: [[UInt8]] = []
        while !list.isAtEnd {
            guard let name = list.vector(of: bytes, lengthSize: 1), !name.isAtEnd else { return nil }
            names.append((name.offset..<name.end).map { bytes[$0] })
        }
        return names
    }

    /// Whether one of them is spoken here; what clients offer to see whether servers mind (RFC 8701 §3.1) is not.
    var includesSpoken: Bool {
        names.contains { ApplicationProtocol(rawValue: String(decoding: $0, as: UTF8.self)) != nil }
    }

    /// Those that matter to a log.
    var text: String {
        let told = names.prefix(Self.toldNames).map { name in
            String(decoding: name.prefix(Self.toldBytes), as: UTF8.self).printable
                + (name.count > Self.toldBytes ? "…" : "")
        }
        return told.joined(separator: ", ") + (names.count > Self.toldNames ? ", …" : "")
    }
}

/// A place in a message of TLS, and the end that it must not pass.
///
/// The bytes are handed to each call instead of being kept, because a stored span would need experimental lifetimes.
private struct VectorCursor {
    /// The offset of the next byte.
    private(set) var offset: Int
    /// The offset after the last byte that may be read.
    let end: Int

    init(offset: Int, end: Int) {
        (self.offset, self.end) = (offset, end)
    }

    var isAtEnd: Bool { offset == end }

    /// Goes over some bytes; false if there are not that many.
    mutating func skip(_ count: Int) -> Bool {
        guard count <= end - offset else { return false }
        offset += count
        return true
    }

    /// A number in so many bytes (RFC 8446 §3.3); nil if there are not that many.
    mutating func number(of bytes: Span<UInt8>, size: Int) -> Int? {
        let start = offset
        guard skip(size) else { return nil }
        var number = 0
        for position in start..<offset { number = number << 8 | Int(bytes[position]) }
        return number
    }

    /// The content of a vector behind its length in so many bytes (RFC 8446 §3.4); nil if it is cut off.
    mutating func vector(of bytes: Span<UInt8>, lengthSize: Int) -> VectorCursor? {
        guard let count = number(of: bytes, size: lengthSize), skip(count) else { return nil }
        return VectorCursor(offset: offset - count, end: offset)
    }
}
