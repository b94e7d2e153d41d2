// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Credentials
import NIOSSL
import TestSupport
import Testing

@Suite("A client's identity")
struct TLSClientIdentityTests {
    private func reason(_ text: String) -> String? {
        do throws(ClientIdentityError) {
            _ = try ClientIdentity(text)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test(
        "is an exact DNS name or a SPIFFE ID, without regard to case where there is none",
        arguments: [
            ("gateway.example.com", "gateway.example.com"),
            ("Gateway.EXAMPLE.com", "gateway.example.com"),
            ("gateway", "gateway"),
            ("xn--mnchen-3ya.example", "xn--mnchen-3ya.example"),
            ("spiffe://cluster.local/ns/istio-system/sa/Gateway", "spiffe://cluster.local/ns/istio-system/sa/Gateway"),
            ("SPIFFE://Cluster.Local/ns/A", "spiffe://cluster.local/ns/A"),
        ]
    )
    func valid(_ text: String, _ expected: String) throws {
        #expect(try ClientIdentity(text).description == expected)
    }

    @Test(
        "is nothing else",
        arguments: [
            "", ".", "a..b", "gateway.example.com.", "-a.example", "a-.example", "a b", "https://a.example", "a:443",
            "10.0.0.1", "2001:db8::1", "münchen.example", "*.example.com", "gate*.example.com",
            String(repeating: "a", count: 64), String(repeating: "a.", count: 127) + "a",
            "spiffe:", "spiffe://", "spiffe:///path", "spiffe://cluster.local", "spiffe://cluster.local/",
            "spiffe://cluster.local/a/", "spiffe://cluster.local//a", "spiffe://cluster.local/a/../b",
            "spiffe://cluster.local/./a", "spiffe://cluster.local/a?b", "spiffe://cluster.local/a#b",
            "spiffe://cluster.local:443/a", "spiffe://user@cluster.local/a", "spiffe://cluster.local/%61",
            "spiffe://clüster.local/a", "spiffe://cluster.local/*",
            "spiffe://a/" + String(repeating: "a", count: 2038),
            "spiffe://" + String(repeating: "a", count: 256) + "/a",
        ]
    )
    func invalid(_ text: String) {
        #expect(reason(text) != nil)
    }

    @Test("has at most 2048 bytes as a SPIFFE ID")
    func longest() {
        // SPIFFE-ID §2.3. The scheme, the trust domain and a slash are 11 bytes.
        #expect(reason("spiffe://a/" + String(repeating: "a", count: 2037)) == nil)
    }

    @Test("has no wildcards, which the error says")
    func wildcard() {
        #expect(reason("*.example.com") == "wildcards are not allowed")
    }

    /// Whether a client with these alternative names is allowed, and what a log calls it.
    private func decide(
        _ allowed: [String],
        names: [String],
        at now: Int64 = 1_800_000_000
    ) async throws -> AllowedClients.Decision {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            // Its common name is that of a client who is allowed in some tests.
            let pair = try await make.issue("gateway.example", by: try await make.authority("authority"), names: names)
            let certificate = try #require(try NIOSSLCertificate.fromPEMFile(pair.certificate).first)
            return AllowedClients(try allowed.map { try ClientIdentity($0) }).decide(on: certificate, at: now)
        }
    }

    private static let workload = "spiffe://cluster.local/ns/a/sa/gateway"

    @Test(
        "is allowed by one of its alternative names",
        arguments: [
            (["gateway.example"], ["DNS:gateway.example"]),
            (["gateway.example"], ["DNS:GateWay.Example"]),
            (["other.example", "gateway.example"], ["DNS:a.example", "DNS:gateway.example"]),
            ([workload], ["URI:\(workload)"]),
            ([workload], ["URI:SPIFFE://Cluster.Local/ns/a/sa/gateway", "DNS:a.example"]),
            (["gateway.example"], ["URI:\(workload)", "URI:\(workload)2", "DNS:gateway.example"]),
            ([], ["DNS:whoever.example"]),
            ([], []),
        ]
    )
    func allowed(_ allowed: [String], _ names: [String]) async throws {
        #expect(try await decide(allowed, names: names).isAllowed)
    }

    @Test(
        "is not allowed by anything else",
        arguments: [
            // The common name.
            (["gateway.example"], []),
            (["gateway.example"], ["DNS:other.example"]),
            // A wildcard names nobody.
            (["gateway.example"], ["DNS:*.example", "DNS:*"]),
            // A name of another kind.
            (["gateway.example"], ["URI:gateway.example", "email:a@gateway.example", "IP:10.0.0.1"]),
            (["gateway.example"], ["DNS:gateway.example."]),
            // The case of a path counts.
            ([workload], ["URI:spiffe://cluster.local/ns/a/sa/Gateway"]),
            ([workload], ["URI:\(workload)/", "DNS:a.example"]),
            ([workload], ["DNS:\(workload)"]),
            // X509-SVID §2: exactly one URI.
            ([workload], ["URI:\(workload)", "URI:https://a.example/"]),
            ([workload], ["URI:\(workload)", "URI:\(workload)"]),
        ]
    )
    func refused(_ allowed: [String], _ names: [String]) async throws {
        #expect(try await decide(allowed, names: names).isAllowed == false)
    }

    @Test(
        "is allowed to the last second of its certificate, as a resumed session may outlast it",
        arguments: [[], ["a"]]
    )
    func expiry(_ allowed: [String]) async throws {
        let expiry = TestCertificates.Validity.present.expiry
        #expect(try await decide(allowed, names: ["DNS:a"], at: expiry).isAllowed)
        #expect(try await decide(allowed, names: ["DNS:a"], at: expiry + 1).isAllowed == false)
    }

    @Test("is written to a log in printable ASCII, and not at length")
    func text() async throws {
        let one = try await decide([], names: ["DNS:a.example", "URI:\(Self.workload)", "IP:10.0.0.1"])
        #expect(one.identity == "\(Self.workload),a.example,10.0.0.1")
        let evil = try await decide([], names: ["DNS:a\u{1b}[31m b"])
        #expect(evil.identity == "a?[31m?b")
        let long = try await decide([], names: ["URI:spiffe://a/" + String(repeating: "b", count: 2000)])
        #expect(long.identity == "spiffe://a/" + String(repeating: "b", count: 245) + "...")
        #expect(try await decide([], names: []).identity.isEmpty)
    }
}
