// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import TestSupport
import Testing

@Suite("Servers that are peers and demand certificates", .serialized, .timeLimit(.minutes(5)))
struct FindingOverTLSTests {
    /// What a server is told: its certificate, that it demands one with its own name, and where its peers are.
    private func arguments(
        _ pair: TestCertificates.Pair,
        of authority: TestCertificates.Pair,
        _ port: Int,
        among ports: [Int]
    ) -> [String] {
        [
            "--drain-delay", "0", "--tls-port", "\(port)", "--tls-certificate", pair.certificate, "--tls-key", pair.key,
            "--tls-client-ca", authority.certificate, "--tls-allowed-client", "localhost",
        ] + ports.flatMap { ["--peers", "localhost:\($0)"] }
    }

    @Test("serve each other's digests to a client with a certificate")
    func mutual() async throws {
        try await TemporaryFolder.with { folder in
            let certificates = TestCertificates(in: folder)
            let authority = try await certificates.authority("authority")
            let pair = try await certificates.issue("server", by: authority)
            let ports = [try await LoopbackNetwork.freePort(), try await LoopbackNetwork.freePort()]
            let one = try await ModuleFile(ofSize: 300_000, to: "1/plugin.wasm", in: folder)
            let two = try await ModuleFile(ofSize: 300_001, to: "2/plugin.wasm", in: folder)
            let arguments = ports.map { self.arguments(pair, of: authority, $0, among: ports) }
            // It takes over nothing unasked, so it has to look for what the second serves.
            let unasked = ["--adopt-timeout", "0"]
            try await withWasmServer(serving: one.path, with: arguments[0] + unasked) { first in
                try await withWasmServer(serving: two.path, with: arguments[1]) { second in
                    for server in [first, second] {
                        for module in [one, two] {
                            let reply = try await server.get(module.digestPath, as: pair, trusting: authority)
                            #expect(reply.status == 200)
                            let isSame = Array(reply.content) == module.bytes
                            #expect(isSame)
                        }
                    }
                    let metrics = try await first.operations("/metrics").text
                    #expect(metrics.contains(#"wasm_server_searches_total{result="found"} 1"#))
                    for server in [first, second] {
                        #expect(try await server.accessLines().allSatisfy { $0.listener == "tls" })
                    }
                }
            }
        }
    }

    @Test("take nothing from one whose certificate is of another authority, and say so")
    func stranger() async throws {
        try await TemporaryFolder.with { folder in
            let certificates = TestCertificates(in: folder)
            let authority = try await certificates.authority("authority")
            let pair = try await certificates.issue("server", by: authority)
            let other = try await certificates.authority("other")
            let stranger = try await certificates.issue("stranger", by: other)
            let ports = [try await LoopbackNetwork.freePort(), try await LoopbackNetwork.freePort()]
            let one = try await ModuleFile(ofSize: 300_000, to: "1/plugin.wasm", in: folder)
            let two = try await ModuleFile(ofSize: 300_001, to: "2/plugin.wasm", in: folder)
            let own = arguments(pair, of: authority, ports[0], among: ports)
            let theirs = arguments(stranger, of: other, ports[1], among: ports)
            try await withWasmServer(serving: one.path, with: own) { server in
                try await withWasmServer(serving: two.path, with: theirs) { stranger in
                    let reply = try await server.get(two.digestPath, as: pair, trusting: authority)
                    #expect(reply.status == 503)
                    #expect(reply.fields["retry-after"] == "1")
                    #expect(try await stranger.modules().modules.map(\.sha256) == [two.sha256])
                }
                try await server.logLine("peer does not list", because: "is not trusted")
            }
        }
    }
}
