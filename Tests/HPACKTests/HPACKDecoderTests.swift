// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Testing

@testable import HPACK

@Suite("An HPACK decoder")
struct HPACKDecoderTests {
    /// Blocks that are errors at their end, and what of RFC 7541 says so.
    @Test(
        "ends a connection for what is no header block, and says why and where",
        arguments: [
            // §6.1: "The index value of 0 is not used. It MUST be treated as a decoding error"
            (
                "8280", .unknownIndex,
                "the header block refers to field 0, and there are those from 1 to 61 (at octet 1)"
            ),
            // §2.3.3: "Indices strictly greater than the sum of the lengths of both tables MUST be treated as a decoding error."
            ("be", .unknownIndex, "the header block refers to field 62, and there are those from 1 to 61 (at octet 0)"),
            (
                "40016101 62bf", .unknownIndex,
                "the header block refers to field 63, and there are those from 1 to 62 (at octet 5)"
            ),
            (
                "7f000161", .unknownIndex,
                "the header block refers to field 63, and there are those from 1 to 61 (at octet 0)"
            ),
            // §5.1: "Integer encodings that exceed implementation limits -- in value or octet length -- MUST be treated as
            // decoding errors."
            ("ff8080808080 00", .integerTooLong, "the header block has an integer of more than 6 octets (at octet 0)"),
            (
                "00ffffffffffffffffff7f", .integerTooLong,
                "the header block has an integer of more than 6 octets (at octet 1)"
            ),
            (
                "ffffffffff07", .unknownIndex,
                "the header block refers to field 2147483774, and there are those from 1 to 61 (at octet 0)"
            ),
            // Cut off.
            ("82ff", .truncated, "the header block ends within an integer (at octet 1)"),
            ("82ff80", .truncated, "the header block ends within an integer (at octet 1)"),
            ("40", .truncated, "the header block ends within a field (at octet 1)"),
            ("400161", .truncated, "the header block ends within a field (at octet 3)"),
            ("04", .truncated, "the header block ends within a field (at octet 1)"),
            ("04022f", .truncated, "the header block ends within a string (at octet 1)"),
            ("047fffffffff0f", .truncated, "the header block ends within a string (at octet 1)"),
            // §5.2: "A padding strictly longer than 7 bits MUST be treated as a decoding error."
            (
                "0482 1fff", .malformedHuffman,
                "the header block has a string whose Huffman code is not padded with at most seven ones (at octet 1)"
            ),
            // "A padding not corresponding to the most significant bits of the code for the EOS symbol MUST be treated as a
            // decoding error."
            (
                "0481 18", .malformedHuffman,
                "the header block has a string whose Huffman code is not padded with at most seven ones (at octet 1)"
            ),
            // "A Huffman-encoded string literal containing the EOS symbol MUST be treated as a decoding error."
            (
                "0484 ffffffff", .malformedHuffman,
                "the header block has a string with EOS in its Huffman code (at octet 1)"
            ),
            (
                "0485 1fffffffff", .malformedHuffman,
                "the header block has a string with EOS in its Huffman code (at octet 1)"
            ),
            // §6.3: "The new maximum size MUST be lower than or equal to the limit determined by the protocol using HPACK. A
            // value that exceeds this limit MUST be treated as a decoding error."
            (
                "3fe21f", .tableSizeUpdate,
                "the header block sets the table to 4097 octets, and 4096 are allowed (at octet 0)"
            ),
            // §4.2: "This dynamic table size update MUST occur at the beginning of the first header block", "resulting in at
            // most two dynamic table size updates."
            (
                "8220", .tableSizeUpdate,
                "the header block has a size update behind a field, or more than two (at octet 1)"
            ),
            (
                "202120", .tableSizeUpdate,
                "the header block has a size update behind a field, or more than two (at octet 2)"
            ),
        ] as [(String, HPACKError.Code, String)]
    )
    func errors(_ hex: String, _ code: HPACKError.Code, _ description: String) throws {
        var decoder = HPACKDecoder()
        let error = try #require(throws: HPACKError.self) { try decoder.fields(of: [UInt8](hex: hex)) }
        #expect(error.code == code)
        #expect(error.description == description)
    }

    @Test("takes what is unusual but right", arguments: unusual)
    func rarities(_ hex: String, _ fields: [Field]) throws {
        var decoder = HPACKDecoder()
        #expect(try decoder.fields(of: [UInt8](hex: hex)) == fields)
    }

    @Test("has its table resized by up to two updates, the first of which may empty it (§4.2, §4.3)")
    func resizing() throws {
        var decoder = HPACKDecoder()
        _ = try decoder.fields(of: [UInt8](hex: "4001610162 4001630164"))
        #expect(decoder.table.size == 2 * 34)
        // 67 octets: room for one of the two, the younger.
        #expect(try decoder.fields(of: [UInt8](hex: "3f24be")) == [Field("c", "d")])
        #expect(decoder.tableFields == [Field("c", "d")])
        _ = try decoder.fields(of: [UInt8](hex: "203fe11f"))
        #expect(decoder.tableFields == [])
        #expect(decoder.table.maximumSize == 4096)
    }

    @Test("empties its table for a field that is larger than it, and goes on (§4.4)")
    func tooLarge() throws {
        var decoder = HPACKDecoder(tableSize: 64)
        let value = String(repeating: "x", count: 32)
        let large = [UInt8](hex: "40016120") + Array(value.utf8)
        #expect(
            try decoder.fields(of: [UInt8](hex: "4001610162") + large + [0x82]) == [
                Field("a", "b"), Field("a", value), Field(":method", "GET"),
            ]
        )
        #expect(decoder.table.count == 0)
        #expect(decoder.table.size == 0)
    }

    @Test("takes the name from an entry that the new one evicts (§4.4)")
    func evictedName() throws {
        var decoder = HPACKDecoder(tableSize: 64)
        let name = String(repeating: "n", count: 30)
        _ = try decoder.fields(of: [UInt8](hex: "401e") + Array(name.utf8) + [UInt8](hex: "0162"))
        #expect(try decoder.fields(of: [UInt8](hex: "7e0163")) == [Field(name, "c")])
        #expect(decoder.tableFields == [Field(name, "c")])
    }

    @Test("keeps in its table what RFC 7541 says, however often its octets are moved")
    func model() throws {
        var decoder = HPACKDecoder(tableSize: 500)
        var expected: [Field] = []
        for round in 0..<2000 {
            let field = Field("name-\(round % 7)", String(repeating: "\(round)", count: round % 31))
            let block = [0x40, UInt8(field.name.count)] + field.name + [UInt8(field.value.count)] + field.value
            #expect(try decoder.fields(of: block) == [field])
            expected.insert(field, at: 0)
            while expected.map({ $0.name.count + $0.value.count + 32 }).reduce(0, +) > 500 { expected.removeLast() }
            #expect(decoder.tableFields == expected)
            let last = UInt8(61 + expected.count) | 0x80
            #expect(try decoder.fields(of: [last]) == [expected[expected.count - 1]])
        }
        #expect(decoder.table.octets.count <= 2 * 500)
    }

    @Test("has no memory before the first field that it must keep")
    func idle() throws {
        var decoder = HPACKDecoder()
        // C.2.2 and C.2.4 of RFC 7541.
        _ = try decoder.fields(of: [UInt8](hex: "82 040c 2f73 616d 706c 652f 7061 7468"))
        #expect(decoder.table.octets.capacity == 0)
        #expect(MemoryLayout<HPACKDecoder>.size <= 64)
    }
}

private let unusual: [(String, [Field])] = [
    ("", []),
    // Empty strings, plain and in the Huffman code, which has nothing to pad then.
    ("00 00 00", [Field("", "")]),
    ("00 80 80", [Field("", "")]),
    // An integer that its prefix just does not hold, and with zeros behind it (§5.1).
    ("0f 8080 00 01 61", [Field("accept-charset", "a")]),
    ("0f 00 01 61", [Field("accept-charset", "a")]),
    // Never indexed, with an indexed name (§6.2.3).
    ("14 01 2f", [Field(":path", "/")]),
]
