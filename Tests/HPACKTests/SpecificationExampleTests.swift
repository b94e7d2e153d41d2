// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Testing

@testable import HPACK

/// A header block of RFC 7541 Appendix C, the fields that it stands for, and the dynamic table after it.
private struct Example {
    let block: [UInt8]
    let fields: [Field]
    /// The youngest first.
    let table: [Field]
    let tableSize: Int

    init(_ hex: String, _ fields: [Field], table: [Field] = [], size: Int = 0) {
        block = [UInt8](hex: hex)
        self.fields = fields
        self.table = table
        tableSize = size
    }
}

@Suite("An example of RFC 7541 Appendix C")
struct SpecificationExampleTests {
    @Test(
        "of an integer is decoded (C.1)",
        arguments: [("0a", 0x1f, 10), ("1f9a0a", 0x1f, 1337), ("2a", 0xff, 42)] as [(String, UInt8, Int)]
    )
    func integers(_ hex: String, _ mask: UInt8, _ value: Int) throws {
        let octets = [UInt8](hex: hex)
        var cursor = BlockCursor()
        #expect(try cursor.integer(of: octets.span, mask: mask) == value)
        #expect(cursor.offset == octets.count)
    }

    @Test("of a representation is decoded (C.2)", arguments: representations.indices)
    func representation(_ index: Int) throws {
        try check([representations[index]], tableSize: HPACKDecoder.standardTableSize)
    }

    @Test(
        "of requests is decoded, without Huffman code and with it (C.3, C.4)",
        arguments: [plainRequests, codedRequests].indices
    )
    func requests(_ index: Int) throws {
        try check([plainRequests, codedRequests][index], tableSize: HPACKDecoder.standardTableSize)
    }

    @Test(
        "of responses is decoded, whose table of 256 octets evicts (C.5, C.6)",
        arguments: [plainResponses, codedResponses].indices
    )
    func responses(_ index: Int) throws {
        try check([plainResponses, codedResponses][index], tableSize: 256)
    }

    private func check(_ examples: [Example], tableSize: Int) throws {
        var decoder = HPACKDecoder(tableSize: tableSize)
        for example in examples {
            #expect(try decoder.fields(of: example.block) == example.fields)
            #expect(decoder.tableFields == example.table)
            #expect(decoder.table.size == example.tableSize)
        }
    }
}

extension HPACKDecoder {
    /// The fields of the dynamic table, the youngest first.
    var tableFields: [Field] {
        (0..<table.count).compactMap { table.place(of: $0) }.map {
            Field(name: Array(table.octets[$0.name]), value: Array(table.octets[$0.value]))
        }
    }
}

// The hexadecimal digits are grouped as in the RFC.

private let get = Field(":method", "GET")
private let http = Field(":scheme", "http")
private let root = Field(":path", "/")
private let authority = Field(":authority", "www.example.com")
private let noCache = Field("cache-control", "no-cache")
private let customKey = Field("custom-key", "custom-value")

private let representations = [
    Example(
        "400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572",
        [Field("custom-key", "custom-header")],
        table: [Field("custom-key", "custom-header")],
        size: 55
    ),
    Example("040c 2f73 616d 706c 652f 7061 7468", [Field(":path", "/sample/path")]),
    Example("1008 7061 7373 776f 7264 0673 6563 7265 74", [Field("password", "secret")]),
    Example("82", [get]),
]

private func requests(_ first: String, _ second: String, _ third: String) -> [Example] {
    [
        Example(first, [get, http, root, authority], table: [authority], size: 57),
        Example(second, [get, http, root, authority, noCache], table: [noCache, authority], size: 110),
        Example(
            third,
            [get, Field(":scheme", "https"), Field(":path", "/index.html"), authority, customKey],
            table: [customKey, noCache, authority],
            size: 164
        ),
    ]
}

private let plainRequests = requests(
    "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
    "8286 84be 5808 6e6f 2d63 6163 6865",
    "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65"
)

private let codedRequests = requests(
    "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
    "8286 84be 5886 a8eb 1064 9cbf",
    "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf"
)

private let found = Field(":status", "302")
private let temporaryRedirect = Field(":status", "307")
private let ok = Field(":status", "200")
private let privately = Field("cache-control", "private")
private let date = Field("date", "Mon, 21 Oct 2013 20:13:21 GMT")
private let laterDate = Field("date", "Mon, 21 Oct 2013 20:13:22 GMT")
private let location = Field("location", "https://www.example.com")
private let gzip = Field("content-encoding", "gzip")
private let cookie = Field("set-cookie", "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1")

private func responses(_ first: String, _ second: String, _ third: String) -> [Example] {
    [
        Example(
            first,
            [found, privately, date, location],
            table: [location, date, privately, found],
            size: 222
        ),
        Example(
            second,
            [temporaryRedirect, privately, date, location],
            table: [temporaryRedirect, location, date, privately],
            size: 222
        ),
        Example(
            third,
            [ok, privately, laterDate, location, gzip, cookie],
            table: [cookie, gzip, laterDate],
            size: 215
        ),
    ]
}

private let plainResponses = responses(
    """
    4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133
    2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70
    6c65 2e63 6f6d
    """,
    "4803 3330 37c1 c0bf",
    """
    88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d
    54c0 5a04 677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049
    5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e
    3d31
    """
)

private let codedResponses = responses(
    """
    4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6
    2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3
    """,
    "4883 640e ffc1 c0bf",
    """
    88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab
    77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f
    9587 3160 65c0 03ed 4ee5 b106 3d50 07
    """
)
