// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Testing

@testable import HTTPTransport

@Suite("A client's address")
struct ClientAddressTests {
    // RFC 5952 §4 for IPv6; one of IPv4 may come in the form that maps it (RFC 4291 §2.5.5.2).
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
        #expect(try #require(ClientAddress(bytes, port: port)).description == text)
    }
}
