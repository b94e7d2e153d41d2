// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

extension HuffmanCode {
    /// Each symbol's code, aligned to its last bit, and how many bits it has.
    ///
    /// They are made when the first block is encoded, which no request waits for.
    private static let codes: [(bits: UInt32, length: Int)] = {
        var codes = [(bits: UInt32, length: Int)](repeating: (0, 0), count: symbols.count)
        for (index, length) in lengths.enumerated() {
            let end = index + 1 < lengths.count ? lengths[index + 1].shorter : symbols.count
            let first = length.first >> UInt32(32 - length.bits)
            for rank in length.shorter..<end {
                codes[Int(symbols[rank])] = (first + UInt32(rank - length.shorter), length.bits)
            }
        }
        return codes
    }()

    /// How many octets a string has in the code.
    static func encodedLength(of string: [UInt8]) -> Int {
        (string.reduce(0) { $0 + codes[Int($1)].length } + 7) / 8
    }

    /// A string in the code, filled up with ones (RFC 7541 §5.2).
    static func encode(_ string: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(encodedLength(of: string))
        // Bits that are not in the output yet, right-aligned: at most seven, and those of a code.
        var window: UInt64 = 0
        var held = 0
        for octet in string {
            let code = codes[Int(octet)]
            window = window << UInt64(code.length) | UInt64(code.bits)
            held += code.length
            while held >= 8 {
                held -= 8
                output.append(UInt8(truncatingIfNeeded: window >> UInt64(held)))
            }
        }
        if held > 0 { output.append(UInt8(truncatingIfNeeded: window << UInt64(8 - held)) | 0xff >> UInt8(held)) }
        return output
    }
}
