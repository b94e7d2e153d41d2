// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Testing

@testable import HPACK

@Suite("The Huffman code of RFC 7541 Appendix B")
struct HuffmanCodeTests {
    /// The codes as other implementations have them, each with its octet.
    private static func codes() throws -> [(octet: UInt8, bits: String)] {
        try OtherImplementations.all.get().codes.enumerated().map { (UInt8($0), $1) }
    }

    @Test("has each octet's code, behind each other and in front of each other")
    func octets() throws {
        let codes = try Self.codes()
        #expect(codes.count == 256)
        for code in codes {
            for other in codes {
                let string = [code.octet, other.octet, code.octet]
                let encoded = Self.octets(ofBits: code.bits + other.bits + code.bits)
                #expect(HuffmanCode.encode(string) == encoded)
                #expect(HuffmanCode.encodedLength(of: string) == encoded.count)
                #expect(try Self.decode(encoded) == string)
            }
        }
    }

    @Test("is written out for its short codes as Appendix B has them")
    func shortCodes() throws {
        var expected = [UInt16](repeating: 0xff, count: 256)
        for code in try Self.codes() where code.bits.count <= 8 {
            let first = Int(Self.octets(ofBits: code.bits + String(repeating: "0", count: 8 - code.bits.count))[0])
            for index in first..<first + 1 << (8 - code.bits.count) {
                expected[index] = UInt16(code.octet) << 8 | UInt16(code.bits.count)
            }
        }
        #expect(HuffmanCode.shortCodes == expected)
    }

    @Test("takes up to seven ones for padding, and nothing else (§5.2)", arguments: 0..<12)
    func padding(_ count: Int) throws {
        // 0 to 7 codes of five bits, of the octet "0", leave what is left to the next whole octet, or one more.
        let string = [UInt8](repeating: UInt8(ascii: "0"), count: count)
        let free = (8 - count * 5 % 8) % 8
        let code = String(repeating: "00000", count: count)
        #expect(try Self.decode(Self.octets(ofBits: code + String(repeating: "1", count: free))) == string)
        let tooLong = code + String(repeating: "1", count: free + 8)
        #expect(throws: HuffmanFault.padding) { try Self.decode(Self.octets(ofBits: tooLong)) }
        for zero in 0..<free {
            let ones = String(repeating: "1", count: free - zero - 1)
            let wrong = code + String(repeating: "1", count: zero) + "0" + ones
            // Five to seven bits may also be a code.
            if free < 5 { #expect(throws: HuffmanFault.padding) { try Self.decode(Self.octets(ofBits: wrong)) } }
        }
        let endOfString = code + String(repeating: "1", count: free + 32)
        #expect(throws: HuffmanFault.endOfString) { try Self.decode(Self.octets(ofBits: endOfString)) }
    }

    @Test("may be cut off anywhere, and is an error unless it is padded there")
    func cuts() throws {
        for code in try Self.codes() where code.bits.count > 8 {
            let whole = Self.octets(ofBits: code.bits)
            for length in 1..<whole.count where code.bits.count > 8 * length {
                #expect(throws: HuffmanFault.padding) { try Self.decode(Array(whole[..<length])) }
            }
        }
    }

    private static func decode(_ encoded: [UInt8]) throws(HuffmanFault) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: 2 * encoded.count)
        let end = try HuffmanCode.decode(encoded.span, into: &output, at: 0)
        return Array(output[..<end])
    }

    /// Bits as octets, the last filled up with ones.
    private static func octets(ofBits bits: String) -> [UInt8] {
        let digits = Array(bits.utf8)
        return stride(from: 0, to: digits.count, by: 8).map { start in
            (start..<start + 8).reduce(0) { $0 << 1 | ($1 < digits.count && digits[$1] == UInt8(ascii: "0") ? 0 : 1) }
        }
    }
}
