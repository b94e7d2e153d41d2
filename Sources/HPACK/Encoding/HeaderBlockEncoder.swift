// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Writes a header block that any connection may send at any time, as it neither uses nor changes the dynamic table.
///
/// So a block can be prepared before there is a connection, and blocks can be joined. A field is an index of the static table,
/// or a literal without indexing whose name may be one (RFC 7541 §6.1, §6.2.2).
package struct HeaderBlockEncoder: Sendable {
    /// What the next block begins with once a client allows a smaller table than before: the update that sets it to nothing
    /// (RFC 7541 §4.2, §6.3).
    package static let emptyTable: UInt8 = 0x20

    /// The fields so far.
    package private(set) var block: [UInt8] = []

    /// Makes one of an empty block.
    package init() {}

    /// Adds a field; its name must be in lowercase (RFC 9113 §8.2).
    package mutating func append(name: String, value: String) {
        append(name: Array(name.utf8), value: Array(value.utf8))
    }

    /// Adds a field, whose value may be any octets.
    mutating func append(name: [UInt8], value: [UInt8]) {
        let fields = StaticTable.fields
        if let position = fields.firstIndex(where: { $0.name.isEqual(to: name) && $0.value.isEqual(to: value) }) {
            block.append(integer: position + 1, mask: 0x7f, pattern: 0x80)
        } else if let position = fields.firstIndex(where: { $0.name.isEqual(to: name) }) {
            block.append(integer: position + 1, mask: 0x0f, pattern: 0x00)
            block.append(string: value)
        } else {
            block.append(0x00)
            block.append(string: name)
            block.append(string: value)
        }
    }
}

extension [UInt8] {
    /// Adds an integer, whose prefix is the bits of a mask in an octet that has others from a pattern (RFC 7541 §5.1).
    mutating func append(integer value: Int, mask: UInt8, pattern: UInt8) {
        guard value >= Int(mask) else { return append(pattern | UInt8(value)) }
        append(pattern | mask)
        var rest = value - Int(mask)
        while rest >= 0x80 {
            append(0x80 | UInt8(rest & 0x7f))
            rest >>= 7
        }
        append(UInt8(rest))
    }

    /// Adds a string, in the Huffman code if that is shorter (RFC 7541 §5.2).
    mutating func append(string: [UInt8]) {
        let length = HuffmanCode.encodedLength(of: string)
        if length < string.count {
            append(integer: length, mask: 0x7f, pattern: 0x80)
            append(contentsOf: HuffmanCode.encode(string))
        } else {
            append(integer: string.count, mask: 0x7f, pattern: 0x00)
            append(contentsOf: string)
        }
    }
}

extension StaticString {
    fileprivate func isEqual(to other: [UInt8]) -> Bool {
        unsafe octets.elementsEqual(other)
    }
}
