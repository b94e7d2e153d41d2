// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

extension HeaderBlockEncoder {
    /// The index of `date`, as a literal without indexing, and the length of its value, which is not in the Huffman code
    /// (RFC 7541 §6.2.2).
    private static let datePrefix: [UInt8] = [0x0f, 33 - 0x0f, dateLength]
    /// How long a date is (RFC 9110 §5.6.7, IMF-fixdate).
    private static let dateLength: UInt8 = 29
    /// How many octets of a block ``appendDate(_:to:)`` adds.
    ///
    /// They are always as many, so that whoever prepares a block can prepare the head of its frame as well.
    package static let dateFieldLength = 32

    /// Adds the field `date` to a block; its value is 29 octets.
    package static func appendDate(_ date: Span<UInt8>, to block: inout [UInt8]) {
        precondition(date.count == dateLength, "a date of \(date.count) octets")
        block.append(contentsOf: datePrefix)
        for index in date.indices { block.append(date[index]) }
    }
}
