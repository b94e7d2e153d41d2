// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Testing

@testable import HTTPTransport

@Suite("The protocols that a ClientHello offers")
struct OfferedProtocolsTests {
    private func offered(_ hello: TLSHello) -> OfferedProtocols? { OfferedProtocols(clientHello: hello.body.span) }

    @Test("are read in their order, whatever extensions stand beside them")
    func names() {
        #expect(offered(.offering("h2"))?.names == [Array("h2".utf8)])
        #expect(offered(.offering("foo", "http/1.1"))?.names == [Array("foo".utf8), Array("http/1.1".utf8)])
        var hello = TLSHello.offering("h2")
        hello.extensions = [(0xff, []), (21, [0, 0, 0])] + hello.extensions + [(43, [2, 3, 4])]
        #expect(offered(hello)?.names == [Array("h2".utf8)])
    }

    @Test("are none without the extension, or without extensions")
    func none() {
        #expect(offered(TLSHello()) == nil)
        let bare = [UInt8](repeating: 3, count: 34) + [0, 0, 2, 0xc0, 0x2b, 1, 0]
        #expect(OfferedProtocols(clientHello: bare.span) == nil)
        #expect(OfferedProtocols(clientHello: (bare + [0, 0]).span) == nil)
    }

    // The identifiers that are registered (RFC 7301 §6, RFC 9113 §3.2), in octets.
    @Test(
        "are spoken if HTTP over TLS is among them",
        arguments: [
            ([[0x68, 0x32]], true),
            ([[0x68, 0x74, 0x74, 0x70, 0x2f, 0x31, 0x2e, 0x31]], true),
            ([[0x68, 0x74, 0x74, 0x70, 0x2f, 0x31, 0x2e, 0x30]], true),
            // What Istio's proxies offer to the workloads of their mesh.
            ([Array("istio-peer-exchange".utf8), Array("istio".utf8)], true),
            // RFC 8701 §2: GREASE, which clients send to see whether servers mind.
            ([[0x0a, 0x0a], [0x68, 0x32]], true),
            ([[0x0a, 0x0a], [0xfa, 0xfa]], false),
            // Without TLS, and over QUIC.
            ([[0x68, 0x32, 0x63], [0x68, 0x33]], false),
            ([[0x48, 0x32], [0x68, 0x32, 0x00]], false),
            ([[0xff]], false),
        ] as [([[UInt8]], Bool)]
    )
    func spoken(_ names: [[UInt8]], _ isSpoken: Bool) {
        #expect(offered(.offering(names))?.includesSpoken == isSpoken)
    }

    // RFC 7301 §3.1: "opaque ProtocolName<1..2^8-1>; […] ProtocolName protocol_name_list<2..2^16-1>".
    @Test(
        "are left to BoringSSL where the extension is not as it must be",
        arguments: [
            [], [0], [0, 0], [0, 1, 0], [0, 3, 0, 1, 0x61], [0, 2, 2, 0x61], [0, 3, 1, 0x61], [0, 2, 1, 0x61, 0],
        ] as [[UInt8]]
    )
    func malformed(_ content: [UInt8]) {
        #expect(offered(TLSHello(extensions: [(16, content)])) == nil)
    }

    @Test("are left to BoringSSL where they are there twice, and in any part of a ClientHello or with more behind it")
    func damaged() {
        var twice = TLSHello.offering("foo")
        twice.extensions += twice.extensions
        #expect(offered(twice) == nil)
        let whole = TLSHello.offering("foo").body
        for count in whole.indices { #expect(OfferedProtocols(clientHello: Array(whole.prefix(count)).span) == nil) }
        #expect(OfferedProtocols(clientHello: (whole + [0]).span) == nil)
    }

    @Test("are told in a line that a log bears")
    func text() {
        #expect(offered(.offering("foo", "a\nb"))?.text == #"foo, a\nb"#)
        let many = [[UInt8]](repeating: [UInt8](repeating: 0x61, count: 255), count: 250)
        let name = String(repeating: "a", count: 32) + "…"
        #expect(offered(.offering(many))?.text == [String](repeating: name, count: 8).joined(separator: ", ") + ", …")
    }
}
