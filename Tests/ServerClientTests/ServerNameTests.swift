// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Testing

@testable import ServerClient

@Suite("Names of servers")
struct ServerNameTests {
    @Test(
        "are a host or an address, with a port or without",
        arguments: [
            ("wasm-server-peers", "wasm-server-peers", nil), ("peers.kuadrant.svc:8082", "peers.kuadrant.svc", 8082),
            ("peers.kuadrant.svc.cluster.local.", "peers.kuadrant.svc.cluster.local", nil),
            ("peers.kuadrant.svc.cluster.local.:1", "peers.kuadrant.svc.cluster.local", 1),
            ("192.0.2.1", "192.0.2.1", nil), ("192.0.2.1:65535", "192.0.2.1", 65535),
            ("2001:db8::1", "2001:db8::1", nil),
            ("[2001:db8::1]", "2001:db8::1", nil), ("[2001:db8::1]:8082", "2001:db8::1", 8082), ("::1", "::1", nil),
        ] as [(String, String, Int?)]
    )
    func good(_ text: String, _ host: String, _ port: Int?) throws {
        let name = try ServerName(text)
        #expect(name.host == host)
        #expect(name.port == port)
        #expect(try ServerName(name.description) == name)
    }

    @Test(
        "say what is wrong with them",
        arguments: [
            ("", "name of a host"), (":8082", "name of a host"), ("a b", "name of a host"), ("a..b", "name of a host"),
            (".", "name of a host"), ("caf\u{e9}", "name of a host"), ("http://a:1", "URL"), ("a/b", "URL"),
            ("a:", "port"),
            ("a:0", "port"), ("a:65536", "port"), ("a:+1", "port"), ("a:http", "port"), ("a:1:2", "IPv6"),
            ("[a]:1", "IPv6"), ("[::1", "bracket"), ("[::1]1", "bracket"), ("[::1]:", "port"), ("[::g]", "IPv6"),
            ("::\u{0}a", "IPv6"), ("[::1\u{0}]:1", "IPv6"), ("192.0.2.1\u{0}", "name of a host"),
            (String(repeating: "a", count: 64), "name of a host"),
            (Array(repeating: "a", count: 128).joined(separator: "."), "name of a host"),
        ]
    )
    func bad(_ text: String, _ what: String) throws {
        let error = try #require(throws: ServerNameError.self) { try ServerName(text) }
        #expect(error.reason.contains(what))
        #expect(error.description == "\(text): \(error.reason); \(error.remedy)")
    }
}
