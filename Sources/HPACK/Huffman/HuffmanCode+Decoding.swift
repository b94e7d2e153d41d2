// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Why octets are no string in the Huffman code (RFC 7541 §5.2).
enum HuffmanFault: Error {
    /// EOS is in it.
    case endOfString
    /// What follows the last symbol is not at most seven ones.
    case padding

    /// What is wrong, in words that follow "a string".
    var reason: String {
        switch self {
        case .endOfString: "with EOS in its Huffman code"
        case .padding: "whose Huffman code is not padded with at most seven ones"
        }
    }
}

extension HuffmanCode {
    /// Decodes a string to an offset of the output, and gives where it ends there (RFC 7541 §5.2).
    ///
    /// There must be room for eight octets of each five: no code has less than five bits.
    static func decode(
        _ source: Span<UInt8>,
        into output: inout MutableSpan<UInt8>,
        at start: Int
    ) throws(HuffmanFault) -> Int {
        var position = start
        // The bits that are next, left-aligned, and how many they are.
        var window: UInt64 = 0
        var held = 0
        var next = 0
        while true {
            while held < 56, next < source.count {
                window |= UInt64(source[next]) &<< (56 - held)
                held += 8
                next += 1
            }
            while held >= 8 {
                let code = shortCodes[Int(window &>> 56)]
                guard code != 0 else { break }
                output[position] = UInt8(truncatingIfNeeded: code &>> 8)
                position += 1
                window = window &<< (code & 0xff)
                held -= Int(code & 0xff)
            }
            if held < longestCode, next < source.count { continue }
            // A code of more than eight bits, or the end, where ones are what may follow.
            let bits = UInt32(truncatingIfNeeded: (window | UInt64.max &>> held) &>> 32)
            guard bits < endOfString else {
                guard held < longestCode else { throw .endOfString }
                guard held < 8 else { throw .padding }
                return position
            }
            let code = code(startingWith: bits)
            guard code.length <= held else { throw .padding }
            output[position] = code.symbol
            position += 1
            window = window &<< code.length
            held -= code.length
        }
    }

    /// The code that bits begin with, which are not those of EOS.
    private static func code(startingWith bits: UInt32) -> (symbol: UInt8, length: Int) {
        var row = 0
        while row + 1 < lengths.count, bits >= lengths[row + 1].first { row += 1 }
        let length = lengths[row]
        let rank = Int((bits - length.first) &>> (32 - length.bits)) + length.shorter
        return (symbols[rank], length.bits)
    }
}
