// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport
import Testing

@Suite("`wasm-server probe` and `config`, where TLS is or should be", .serialized, .timeLimit(.minutes(5)))
struct ProbeOverTLSTests {
    /// Whether both say the same words, and say nothing else of what failed.
    private func expect(_ words: String, of outcomes: (probe: Outcome, config: Outcome)) {
        let failed = outcomes.probe.output.split(separator: "\n").filter { $0.hasPrefix("FAILED") }
        #expect(failed.count == 1)
        #expect(failed.first?.contains(words) == true)
        #expect(outcomes.probe.code != 0)
        #expect(outcomes.config.code == SysExit.unavailable)
        #expect(outcomes.config.errors.joined().contains(words))
    }

    @Test("name the port that was meant: TLS, plain HTTP, or the other than that of operations")
    func mistakes() async throws {
        try await TLSServerFixture.with { scene in
            let tls = try #require(scene.server.tlsPort)
            let plain = scene.server.port
            let operations = scene.server.operationsAddress
            expect(
                "speaks TLS on this port, not plain HTTP; use https://localhost:\(tls)",
                of: try await scene.ask("http://localhost:\(tls)")
            )
            expect(
                "speaks plain HTTP on this port, not TLS; use http://localhost:\(plain)",
                of: try await scene.ask("https://localhost:\(plain)")
            )
            for scheme in ["http", "https"] {
                expect(
                    "is the operations port of a Wasm Server",
                    of: try await scene.ask("\(scheme)://\(operations)")
                )
            }
        }
    }

    @Test("deny themselves no handshake while they find that out: alerts are about gateways")
    func harmless() async throws {
        try await TLSServerFixture.with { scene in
            _ = try await scene.ask("http://localhost:\(try #require(scene.server.tlsPort))")
            let metrics = try await scene.server.operations("/metrics").text
            let failures = metrics.split(separator: "\n").filter {
                $0.contains("tls_handshakes_total{") && !$0.hasSuffix(" 0")
            }
            let results = Set(failures.compactMap { $0.firstMatch(of: /result="([a-z_]+)"/).map { String($0.1) } })
            #expect(results.isSubset(of: ["abandoned", "plain_http"]), "\(failures)")
            #expect(results.contains("abandoned"))
        }
    }

    @Test("name TLS where another server than this speaks it, which merely ends the connection")
    func stranger() async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let pair = try await make.issue("server", by: try await make.authority("root"))
            let port = try await LoopbackNetwork.freePort()
            let arguments = ["s_server", "-quiet", "-accept", "127.0.0.1:\(port)", "-cert", pair.certificate]
            let openssl = try Program(
                URL(filePath: "/usr/bin/openssl"),
                arguments + ["-key", pair.key, "-www"],
                outputIn: URL(filePath: folder.path)
            )
            do {
                let outcome = try await eventually("a word of openssl") {
                    let asking = ["probe", "http://localhost:\(port)"]
                    let outcome = try await Outcome.of(asking, in: URL(filePath: folder.path))
                    return outcome.output.contains("connection refused") ? nil : outcome
                }
                let words = "speaks TLS on this port, not plain HTTP; use https://localhost:\(port)"
                #expect(outcome.output.contains(words))
                await openssl.stop()
            } catch {
                await openssl.stop()
                throw error
            }
        }
    }

    @Test("say why they may not fetch, once")
    func denied() async throws {
        try await TLSServerFixture.with(askingForCertificates: true, ["--tls-allowed-client", "gateway.example"]) {
            scene in
            let client = try await scene.certificates.issue("other", by: scene.authority, names: ["DNS:other.example"])
            let flags = ["--ca", scene.authority.certificate, "--certificate", client.certificate, "--key", client.key]
            let outcomes = try await scene.ask(scene.url, flags)
            expect("403: This client, other.example, is not among those who may fetch; name this client", of: outcomes)
        }
    }

    @Test("say what gateways have to know that `config` was given by flags, and of a name that the certificate lacks")
    func elsewhere() async throws {
        try await TLSServerFixture.with(askingForCertificates: true, ["--tls-allowed-client", "localhost"]) { scene in
            let client = try await scene.certificates.issue("client", by: scene.authority)
            let url = try scene.url
            let flags = ["--ca", scene.authority.certificate, "--certificate", client.certificate, "--key", client.key]
            let elsewhere = try await scene.ask(url, flags).config
            #expect(elsewhere.code == 0)
            let (authority, name) = (elsewhere.errors.first, elsewhere.errors.last)
            #expect(elsewhere.errors.count == 2)
            #expect(
                authority?.contains("the authority in \(scene.authority.certificate), too; put it beside Envoy") == true
            )
            #expect(
                name?.contains("certificate is for localhost, not for wasm-server.example, so gateways reject") == true
            )
            let start = ["config", "--for", "istio-wasmplugin", "--url", url, "--as", url]
            let agent = try await Outcome.of(start + flags, in: scene.folder)
            #expect(agent.code == 0)
            #expect(agent.errors.contains { $0.contains("Istio's agent has no client certificate") })
            #expect(!agent.errors.contains { $0.contains("so gateways reject") })
            let quiet = try await Outcome.of(start + flags + ["--quiet"], in: scene.folder)
            #expect(quiet.errors.isEmpty)
        }
    }

    @Test("take an authority that is no root, and say who issued a certificate that leads to none")
    func intermediate() async throws {
        try await TLSServerFixture.with(certificate: { certificates, authority in
            try await certificates.issue("server", by: certificates.intermediate("intermediate", by: authority))
        }) { scene in
            let url = try scene.url
            expect(
                "has a certificate issued by CN=intermediate, which is no authority that is trusted here, nor leads to one",
                of: try await scene.ask(url, ["--ca", scene.authority.certificate])
            )
            let intermediate = scene.folder.appending(path: "intermediate.pem").path
            let good = try await scene.ask(url, ["--ca", intermediate])
            #expect(good.probe.code == 0, "\(good.probe.output)")
            #expect(good.config.code == 0)
        }
    }

    @Test("say when a certificate has expired, and that a file has no authority")
    func others() async throws {
        try await TLSServerFixture.with { scene in
            let url = try scene.url
            let leaf = scene.folder.appending(path: "server.pem").path
            let outcomes = try await scene.ask(url, ["--ca", leaf])
            #expect(outcomes.probe.code == SysExit.configuration)
            #expect(outcomes.probe.errors.joined().contains("\(leaf): has no certificate of an authority (CA:TRUE)"))
            let namesake = try await scene.certificates.authority("other")
            expect(
                "has a certificate issued by CN=authority, which is no authority that is trusted here",
                of: try await scene.ask(url, ["--ca", namesake.certificate])
            )
        }
    }
}

extension TLSServerFixture {
    /// What both commands say of a URL, and how they end.
    fileprivate func ask(_ url: String, _ flags: [String] = []) async throws -> (probe: Outcome, config: Outcome) {
        let elsewhere = ["--as", "https://wasm-server.example:8443"]
        return (
            try await Outcome.of(["probe", url] + flags, in: folder),
            try await Outcome.of(["config", "--for", "envoy", "--url", url] + elsewhere + flags, in: folder)
        )
    }
}
