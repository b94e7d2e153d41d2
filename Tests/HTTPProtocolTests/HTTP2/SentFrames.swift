// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HPACK
import Testing

/// The frames that a server has sent (RFC 9113 §4.1), read by hand.
struct SentFrames {
    /// A frame.
    struct Frame: Equatable, CustomStringConvertible {
        let type: UInt8
        let flags: UInt8
        let stream: Int
        let payload: [UInt8]

        /// The number that the payload's bytes spell from an offset on.
        func number(at offset: Int = 0) -> Int {
            payload.dropFirst(offset).prefix(4).reduce(0) { $0 << 8 | Int($1) }
        }

        var description: String { "type \(type), flags \(flags), stream \(stream), \(payload.count) bytes" }
    }

    /// A field of a header block.
    struct Field: Hashable {
        let name: String
        let value: String

        init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }

        fileprivate init(_ name: Span<UInt8>, _ value: Span<UInt8>) {
            self.name = unsafe name.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
            self.value = unsafe value.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
        }
    }

    /// Those that have come whole.
    private(set) var all: [Frame] = []
    private var rest: [UInt8] = []

    mutating func append(_ bytes: [UInt8]) {
        rest += bytes
        while rest.count >= 9 {
            let length = Int(rest[0]) << 16 | Int(rest[1]) << 8 | Int(rest[2])
            guard rest.count >= 9 + length else { return }
            let stream = rest[5..<9].reduce(0) { $0 << 8 | Int($1) }
            all.append(Frame(type: rest[3], flags: rest[4], stream: stream, payload: Array(rest[9..<9 + length])))
            rest.removeFirst(9 + length)
        }
    }

    /// Those of a type, on a stream or on any.
    func of(_ type: UInt8, on stream: Int? = nil) -> [Frame] {
        all.filter { $0.type == type && (stream == nil || $0.stream == stream) }
    }

    /// The content of a stream.
    func content(on stream: Int) -> [UInt8] { of(0x0, on: stream).flatMap(\.payload) }

    /// Whether a stream's last frame with or without content says that it is (RFC 9113 §6.1, §6.2).
    func hasEnded(_ stream: Int) -> Bool {
        all.last { $0.stream == stream && $0.type <= 1 }.map { $0.flags & 1 != 0 } ?? false
    }

    /// The errors of the RST_STREAM frames, by their streams (RFC 9113 §6.4).
    var resets: [Int: Int] {
        Dictionary(of(0x3).map { ($0.stream, $0.number()) }) { first, _ in first }
    }

    /// The last stream and the error of each GOAWAY frame (RFC 9113 §6.8).
    var goAways: [GoAway] {
        of(0x7).map { GoAway(last: $0.number() & 0x7fff_ffff, error: $0.number(at: 4)) }
    }

    struct GoAway: Equatable {
        let last: Int
        let error: Int
    }

    /// The fields of the header block on a stream.
    func fields(on stream: Int) throws -> [Field] {
        let start = try #require(all.firstIndex { $0.type == 0x1 && $0.stream == stream })
        let end = try #require(all[start...].firstIndex { $0.flags & 4 != 0 })
        var decoder = HPACKDecoder()
        var buffer = LiteralBuffer()
        var list = FieldList()
        let block = all[start...end].flatMap(\.payload)
        try decoder.decode(block.span, with: &buffer, into: &list)
        return list.fields
    }

    /// The status of the answer on a stream.
    func status(on stream: Int) throws -> String? {
        try fields(on: stream).first { $0.name == ":status" }?.value
    }

    private struct FieldList: HeaderFieldVisitor {
        var fields: [Field] = []

        mutating func field(name: Span<UInt8>, value: Span<UInt8>) {
            fields.append(Field(name, value))
        }
    }
}
