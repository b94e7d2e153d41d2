// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// A place in a header block.
///
/// The octets are handed to each call instead of being kept, because a stored span would need experimental lifetimes.
struct BlockCursor {
    /// How many octets may follow an integer's prefix.
    ///
    /// Four hold 28 bits, more than any length or index that can be right; one more is for encoders that fill up with zeros
    /// (RFC 7541 §5.1).
    private static let mostContinuations = 5

    /// The offset of the next octet.
    private(set) var offset = 0

    /// An integer whose prefix is the low bits of the octet at the cursor, all of which `mask` has (RFC 7541 §5.1).
    @inline(__always)
    mutating func integer(of block: Span<UInt8>, mask: UInt8) throws(HPACKError) -> Int {
        let prefix = block[offset] & mask
        guard prefix == mask else {
            offset += 1
            return Int(prefix)
        }
        return try longInteger(of: block, mask: mask)
    }

    /// An integer that its prefix does not hold.
    private mutating func longInteger(of block: Span<UInt8>, mask: UInt8) throws(HPACKError) -> Int {
        let start = offset
        offset += 1
        var value = Int(mask)
        for position in 0..<Self.mostContinuations {
            guard offset < block.count else { throw .truncated("an integer", at: start) }
            let octet = block[offset]
            offset += 1
            value += Int(octet & 0x7f) << (7 * position)
            if octet & 0x80 == 0 { return value }
        }
        throw HPACKError(
            code: .integerTooLong,
            message: "has an integer of more than \(1 + Self.mostContinuations) octets",
            offset: start
        )
    }

    /// Where a string's octets lie, and whether they are in the Huffman code (RFC 7541 §5.2).
    @inline(__always)
    mutating func string(of block: Span<UInt8>) throws(HPACKError) -> (octets: Range<Int>, isHuffman: Bool) {
        let start = offset
        guard offset < block.count else { throw .truncated("a field", at: start) }
        let isHuffman = block[offset] & 0x80 != 0
        let length = try integer(of: block, mask: 0x7f)
        guard length <= block.count - offset else { throw .truncated("a string", at: start) }
        defer { offset += length }
        return (offset..<offset + length, isHuffman)
    }
}

extension HPACKError {
    /// The block ends within something that begins at an offset.
    static func truncated(_ what: String, at offset: Int) -> HPACKError {
        HPACKError(code: .truncated, message: "ends within \(what)", offset: offset)
    }
}
