// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPService
import Testing

@Suite("A client's address")
struct ClientAddressTests {
    // One of IPv4 may come in the form that maps it (RFC 4291 §2.5.5.2).
    @Test(
        "is told as people write it",
        arguments: [
            ([0, 0, 0, 0], 0, "0.0.0.0:0"), ([127, 0, 0, 1], 8082, "127.0.0.1:8082"),
            ([255, 255, 255, 255], 65535, "255.255.255.255:65535"), ([10, 9, 100, 10], 10, "10.9.100.10:10"),
            ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1], 80, "192.0.2.1:80"),
            ([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], 443, "[2001:db8::1]:443"),
        ] as [([UInt8], UInt16, String)]
    )
    func text(_ bytes: [UInt8], _ port: UInt16, _ text: String) throws {
        let host = try #require(ClientAddress.Host(bytes))
        #expect(ClientAddress(host, port: port).description == text)
    }

    // RFC 5952 §4: no leading zeros, the longest run of zeros left out and the first of several, never a single one, lowercase.
    @Test(
        "of IPv6 has one form",
        arguments: [
            ([0, 0, 0, 0, 0, 0, 0, 0], "::"), ([0, 0, 0, 0, 0, 0, 0, 1], "::1"),
            ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], "2001:db8::"),
            ([0x2001, 0xdb8, 0, 0, 1, 0, 0, 1], "2001:db8::1:0:0:1"), ([0x2001, 0, 0, 1, 0, 0, 0, 1], "2001:0:0:1::1"),
            ([0x2001, 0xdb8, 0, 1, 1, 1, 1, 1], "2001:db8:0:1:1:1:1:1"),
            ([0xfe80, 0, 0, 0, 0xAB, 0xc, 0, 0xFFFF], "fe80::ab:c:0:ffff"),
            ([1, 2, 3, 4, 5, 6, 7, 8], "1:2:3:4:5:6:7:8"), ([0, 0, 1, 2, 3, 4, 0, 0], "::1:2:3:4:0:0"),
        ] as [([UInt16], String)]
    )
    func canonical(_ groups: [UInt16], _ text: String) throws {
        let bytes = groups.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
        #expect(try #require(ClientAddress.Host(bytes)).description == text)
    }

    @Test("has four or sixteen bytes", arguments: [0, 3, 5, 15, 17])
    func length(_ count: Int) {
        #expect(ClientAddress.Host([UInt8](repeating: 1, count: count)) == nil)
    }
}
