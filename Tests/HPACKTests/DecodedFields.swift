// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HPACK

/// A field as text, for tables of tests.
struct Field: Hashable, Sendable, CustomStringConvertible {
    let name: [UInt8]
    let value: [UInt8]

    init(_ name: String, _ value: String) {
        self.init(name: Array(name.utf8), value: Array(value.utf8))
    }

    init(name: [UInt8], value: [UInt8]) {
        self.name = name
        self.value = value
    }

    var description: String {
        "\(String(decoding: name, as: UTF8.self)): \(String(decoding: value, as: UTF8.self))"
    }
}

/// A visitor that keeps every field.
struct FieldCollector: HeaderFieldVisitor {
    private(set) var fields: [Field] = []

    mutating func field(name: Span<UInt8>, value: Span<UInt8>) {
        fields.append(Field(name: name.octets, value: value.octets))
    }
}

extension Span<UInt8> {
    /// A copy.
    var octets: [UInt8] { indices.map { self[$0] } }
}

extension HPACKDecoder {
    /// The fields of a block.
    mutating func fields(of block: [UInt8]) throws(HPACKError) -> [Field] {
        var buffer = LiteralBuffer()
        var collector = FieldCollector()
        try decode(block.span, with: &buffer, into: &collector)
        return collector.fields
    }
}

extension [UInt8] {
    /// Octets in hexadecimal digits, with spaces and line breaks between them as they come.
    init(hex: String) {
        let digits = hex.compactMap(\.hexDigitValue)
        self = stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
