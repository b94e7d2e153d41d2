// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPService
import Testing

@testable import Fleet

@Suite("Who a client is")
struct ClientIdentityTests {
    private func client(of field: String?, from sender: String, trusting networks: [String]) throws -> String? {
        let proxies = TrustedProxies(try networks.map { try AddressRange($0) })
        let sender = try #require(ClientAddress.Host(text: sender))
        return proxies.client(of: field, from: sender)?.description
    }

    @Test(
        "is the last address in X-Forwarded-For that is no trusted proxy's, if a trusted proxy has sent it",
        arguments: [
            ("10.1.1.1", "10.0.0.9", "10.1.1.1"), ("198.51.100.1, 10.1.1.1", "10.0.0.9", "10.1.1.1"),
            ("198.51.100.1, 10.0.0.8", "10.0.0.9", "198.51.100.1"), ("10.0.0.7, 10.0.0.8", "10.0.0.9", "10.0.0.7"),
            (" 10.1.1.1:4711 ", "10.0.0.9", "10.1.1.1"), ("[2001:db8::1]:80", "10.0.0.9", "2001:db8::1"),
            ("2001:DB8:0::1", "10.0.0.9", "2001:db8::1"), ("spoofed,,10.1.1.1", "10.0.0.9", "10.1.1.1"),
            ("spoofed, 10.0.0.8", "10.0.0.9", "10.0.0.8"), ("10.1.1.1,", "10.0.0.9", "10.1.1.1"),
            // To Unicode some signs and the comma beside them are one character; a proxy adds the comma to anything.
            ("\u{600},10.1.1.1", "10.0.0.9", "10.1.1.1"), ("x,\u{301}y,10.1.1.1", "10.0.0.9", "10.1.1.1"),
        ]
    )
    func forwarded(_ field: String, _ sender: String, _ expected: String) throws {
        #expect(try client(of: field, from: sender, trusting: ["10.0.0.0/24"]) == expected)
    }

    @Test(
        "is not what anyone else claims, nor what is no address",
        arguments: [
            ("10.1.1.1", "10.0.1.9"), ("unknown", "10.0.0.9"), ("10.1.1.1, _hidden", "10.0.0.9"), ("", "10.0.0.9"),
            (",", "10.0.0.9"), ("1.2.3.4.5", "10.0.0.9"), ("010.1.1.1", "10.0.0.9"),
            ("[::1", "10.0.0.9"), ("10.1.1.1\0", "10.0.0.9"), ("fe80::1%eth0", "10.0.0.9"),
            ("<script>alert(1)</script>", "10.0.0.9"),
        ]
    )
    func claimed(_ field: String, _ sender: String) throws {
        #expect(try client(of: field, from: sender, trusting: ["10.0.0.0/24"]) == nil)
        #expect(try client(of: nil, from: sender, trusting: ["10.0.0.0/24"]) == nil)
        #expect(try client(of: "10.1.1.1", from: sender, trusting: []) == nil)
    }

    // RFC 4632 §3.1, RFC 4291 §2.3.
    @Test(
        "is judged by networks as people write them",
        arguments: [
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.0"), ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
            ("192.0.2.0/31", "192.0.2.1", "192.0.2.2"), ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
            ("::ffff:192.0.2.0/120", "192.0.2.255", "192.0.3.0"), ("2001:db8::7", "2001:db8::7", "2001:db8::8"),
            ("10.0.0.0/9", "10.127.255.255", "10.128.0.0"),
        ]
    )
    func networks(_ text: String, _ member: String, _ other: String) throws {
        let range = try AddressRange(text)
        #expect(range.contains(try #require(ClientAddress.Host(text: member))))
        #expect(!range.contains(try #require(ClientAddress.Host(text: other))))
    }

    @Test("is judged by all addresses of a family, if that is said")
    func everyone() throws {
        let (ipv4, all) = (try AddressRange("0.0.0.0/0"), try AddressRange("::/0"))
        let (one, other) = (
            try #require(ClientAddress.Host(text: "203.0.113.1")), try #require(ClientAddress.Host(text: "2001:db8::1"))
        )
        #expect(ipv4.contains(one) && !ipv4.contains(other))
        #expect(all.contains(one) && all.contains(other))
        #expect("\(ipv4)" == "0.0.0.0/0")
        #expect("\(all)" == "::/0")
    }

    @Test(
        "is not judged by what is no network, and the error says why and what to write",
        arguments: [
            ("10.0.0.1/8", "10.0.0.0/8"), ("10.0.0.0/33", "0 to 32"), ("2001:db8::/129", "0 to 128"),
            ("10.0.0.0/", "0 to 32"), ("10.0.0.0/-1", "0 to 32"), ("gateway", "no address"), ("", "no address"),
            ("10.0.0.0/8/8", "0 to 32"), ("10.0.0.0/+8", "0 to 32"),
        ]
    )
    func noNetwork(_ text: String, _ word: String) {
        let error = #expect(throws: AddressRangeError.self) { try AddressRange(text) }
        #expect(error?.description.contains(word) == true, "\(String(describing: error))")
        #expect(error?.description.hasPrefix("\(text): ") == true)
    }

    @Test(
        "is what kind of program its request says",
        arguments: [
            (nil, "10.0.0.1", .envoy), (nil, nil, .unknown), ("", nil, .unknown), ("Envoy/1.40.0", nil, .envoy),
            ("Go-http-client/1.1", nil, .go), ("go-containerregistry/v0.21.6", nil, .ggcr),
            ("istio/1.30 go-containerregistry", nil, .ggcr), ("curl/8.5.0", nil, .curl), ("Wget/1.21", nil, .curl),
            ("kube-probe/1.31", nil, .kubelet), ("Mozilla/5.0 (X11)", nil, .other), ("\u{1b}[31m", nil, .other),
            ("wasm-server-probe/0.1.0", "10.0.0.1", .probe),
            ("wasm-server-probe/0.1.0 Go-http-client/1.1", nil, .probe),
            ("Go-http-client/1.1 wasm-server-probe/0.1.0", nil, .go), ("wasm-server-probes/1", nil, .other),
        ] as [(String?, String?, ClientKind)]
    )
    func kind(_ userAgent: String?, _ forwardedFor: String?, _ expected: ClientKind) {
        #expect(ClientKind(userAgent: userAgent, forwardedFor: forwardedFor) == expected)
    }

    @Test("is kept with a bounded name, of which no Unicode scalar is cut")
    func boundedName() {
        let key = ClientKey(.certificate, String(repeating: "ü", count: 300), .envoy)
        #expect(key.name == String(repeating: "ü", count: 128))
        #expect(
            ClientKey(.certificate, "a" + String(repeating: "ü", count: 300), .envoy).name.utf8.count
                <= ClientKey.longestName
        )
    }
}
