// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Testing

@testable import wasm_server

@Suite("The host to listen on")
struct ListeningHostTests {
    @Test(
        "is an address, with brackets or without, or a name",
        arguments: [
            ("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "0.0.0.0"), ("::", "::"), ("::1", "::1"), ("[::1]", "::1"),
            ("::ffff:10.0.0.1", "::ffff:10.0.0.1"), ("fe80::1%eth0", "fe80::1%eth0"),
            ("[fe80::1%eth0]", "fe80::1%eth0"),
            ("223.255.255.255", "223.255.255.255"), ("240.0.0.1", "240.0.0.1"), ("ff::1", "ff::1"),
            ("localhost", "localhost"), ("pod-1.example", "pod-1.example"), ("a1", "a1"), ("*", nil),
        ] as [(String, String?)]
    )
    func good(_ text: String, _ address: String?) throws {
        #expect(try #require(ListeningHost(text)).address == address)
    }

    // RFC 1123 §2.1 for names; of what ends in a number https://url.spec.whatwg.org/#concept-ipv4-parser takes as an address what
    // inet_aton(3) does, where `0` would be every address.
    @Test(
        "is nothing else, whatever a resolver would make of it",
        arguments: [
            "", "[]", "**", "*:8082", "*.example", "0", "1", "127.1", "127.1.", "0x7f.1", "0x7f000001", "2130706433",
            "1.2.3.256",
            "1.2.3.4.5", "localhost:8082", "127.0.0.1:8082", "[::1]:8082", "[::1", "::1]", "[127.0.0.1]",
            "http://localhost",
            "a b", " localhost", "localhost\n", "a/b", "@", "é.example", "127.0.0.1%eth0", "fe80::1%", "::1%a/b", ":::",
            "1::2::3",
            "a..b", ".",
            // Addresses of many, at which nobody can connect (RFC 5771, RFC 919, RFC 4291 §2.7).
            "224.0.0.1", "239.255.255.255", "255.255.255.255", "ff02::1", "[FF05::2]", "ff02::1%eth0",
            "::ffff:224.0.0.1",
        ]
    )
    func bad(_ text: String) {
        #expect(ListeningHost(text) == nil)
    }

    @Test(
        "is blamed where it was given",
        arguments: [
            (["--host": "http://a"], nil, "--host", 64), (["WASM_SERVER_HOST": "0"], nil, "WASM_SERVER_HOST", 78),
            ([:], "port: 1\nhost: a:1", "config.yaml, line 2: 'host'", 78),
        ] as [([String: String], String?, String, Int32)]
    )
    func place(_ given: [String: String], _ file: String?, _ name: String, _ status: Int32) async throws {
        let failure = await #expect(throws: CommandFailure.self) {
            let flags = given["--host"].map { [Setting.host: $0] } ?? [:]
            _ = try await settings(flags: flags, environment: given, file: file)
        }
        #expect(failure?.message.contains("\(name) is '") == true, "\(failure?.message ?? "")")
        #expect(failure?.status.rawValue == status)
    }
}
