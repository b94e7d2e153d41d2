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
        into octets: inout [UInt8],
        at start: Int
    ) throws(HuffmanFault) -> Int {
        var output = octets.mutableSpan
        var position = start
        var window = BitWindow()
        while true {
            window.refill(from: source)
            while true {
                let code = shortCodes[window.first8]
                let length = Int(code & 0xff)
                guard length <= window.count else { break }
                output[position] = UInt8(truncatingIfNeeded: code &>> 8)
                position &+= 1
                window.drop(length)
            }
            if window.count < longestCode, window.next < source.count { continue }
            // A long code, or the end, behind which ones are thought.
            let bits = window.first32
            guard bits < endOfString else {
                guard window.count < longestCode else { throw .endOfString }
                guard window.count < 8 else { throw .padding }
                return position
            }
            let code = code(startingWith: bits)
            guard code.length <= window.count else { throw .padding }
            output[position] = code.symbol
            position &+= 1
            window.drop(code.length)
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

/// The next bits of a string.
private struct BitWindow {
    /// The bits, left-aligned; what follows those that count are the string's next, or zeros.
    private var bits: UInt64 = 0
    /// How many of them count, at most 63.
    private(set) var count = 0
    /// The offset of the first octet that does not count in whole yet.
    private(set) var next = 0

    /// The first eight.
    var first8: Int { Int(bits &>> 56) }

    /// The first 32, with ones for those that do not count.
    var first32: UInt32 { UInt32(truncatingIfNeeded: (bits | UInt64.max &>> count) &>> 32) }

    /// Goes behind bits that count.
    @inline(__always)
    mutating func drop(_ length: Int) {
        bits = bits &<< length
        count &-= length
    }

    /// Has as many whole octets count as there is room for.
    @inline(__always)
    mutating func refill(from source: Span<UInt8>) {
        let left = source.count &- next
        if left >= 8 {
            // Any eight octets are a word.
            let word = unsafe source.bytes.unsafeLoadUnaligned(fromByteOffset: next, as: UInt64.self)
            bits |= word.bigEndian &>> count
            next &+= (63 &- count) &>> 3
            // As if eight had been added for each of these octets.
            count |= 56
        } else if left > 0 {
            refill(from: source, last: left)
        }
    }

    /// The same, where less than eight octets are left.
    private mutating func refill(from source: Span<UInt8>, last left: Int) {
        var word: UInt64 = 0
        if source.count >= 8 {
            word = unsafe source.bytes.unsafeLoadUnaligned(fromByteOffset: source.count - 8, as: UInt64.self).bigEndian
        } else {
            for offset in next..<source.count { word = word &<< 8 | UInt64(source[offset]) }
        }
        bits |= (word &<< (64 &- 8 &* left)) &>> count
        let taken = min((63 &- count) &>> 3, left)
        next &+= taken
        count &+= 8 &* taken
    }
}
