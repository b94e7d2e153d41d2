// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Where a literal field is put together, its name before its value.
///
/// One is enough for all decoders of a thread. It keeps what the largest block has needed.
package struct LiteralBuffer: Sendable {
    /// The octets of the field, and room for more.
    private(set) var octets: [UInt8] = []
    /// How many octets of it are there.
    private(set) var count = 0

    /// Makes one that has no memory yet.
    package init() {}

    /// Makes room for the longest field that a block may have.
    mutating func reserve(_ capacity: Int) {
        guard octets.count < capacity else { return }
        octets = [UInt8](repeating: 0, count: max(capacity, 2 * octets.count))
    }

    /// Begins another field.
    mutating func clear() {
        count = 0
    }

    /// Adds octets as they are.
    mutating func append(_ source: Span<UInt8>) {
        octets.copy(source, to: count)
        count += source.count
    }

    /// Adds the string that octets stand for in the Huffman code (RFC 7541 §5.2).
    mutating func append(huffman source: Span<UInt8>) throws(HuffmanFault) {
        count = try HuffmanCode.decode(source, into: &octets, at: count)
    }
}
