// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPService
import Operations
import Testing

@Suite("The connections' metrics")
struct ConnectionMetricsTests {
    @Test("count what is open, what was accepted, and every way in which it can go wrong")
    func events() throws {
        let server = try ServerUnderTest()
        let observer = server.metrics.observers(of: .tls)
        for event in Self.everything { observer.connectionChanged(event, .init()) }
        observer.connectionChanged(.opened, .init())
        let scrape = server.scrape
        #expect(scrape[#"wasm_server_open_connections{listener="tls"}"#] == 1)
        #expect(scrape[#"wasm_server_connections_total{listener="tls"}"#] == 2)
        let others = [
            "connections_cut", "connections_refused", "accepting_paused", "tls_handshakes", "streams_refused",
            "streams_rejected",
        ].flatMap {
            scrape.samples(of: "wasm_server_\($0)_total")
        }
        // All but opened and closed have a series of their own.
        #expect(others.count == Self.everything.count - 2)
        #expect(others.allSatisfy { $0.hasSuffix(" 1") })
        #expect(scrape[#"wasm_server_tls_handshakes_total{listener="tls",result="ok"}"#] == 1)
        #expect(scrape[#"wasm_server_tls_handshakes_total{listener="tls",result="not_tls"}"#] == 1)
    }

    @Test("tell of the certificate only where there is one")
    func certificate() throws {
        let server = try ServerUnderTest()
        let metrics = TLSMetrics(in: server.registry, expiry: 1_900_000_000)
        metrics.reloadFailed()
        var scrape = server.scrape
        #expect(scrape["wasm_server_tls_certificate_expiry_timestamp_seconds"] == 1_900_000_000)
        #expect(scrape["wasm_server_tls_reload_failures_total"] == 1)
        #expect(scrape["wasm_server_tls_reload_successful"] == 0)
        metrics.certificateLoaded(expiry: 2_000_000_000)
        scrape = server.scrape
        #expect(scrape["wasm_server_tls_certificate_expiry_timestamp_seconds"] == 2_000_000_000)
        #expect(scrape["wasm_server_tls_reload_successful"] == 1)
        #expect(scrape["wasm_server_tls_reload_failures_total"] == 1)
    }

    @Test("tell of authorities only where some are named")
    func authorities() throws {
        let name = "wasm_server_tls_authority_expiry_timestamp_seconds"
        let without = try ServerUnderTest()
        TLSMetrics(in: without.registry, expiry: 1_900_000_000).authoritiesExpire(at: nil)
        #expect(without.scrape.samples(of: name).isEmpty)
        let server = try ServerUnderTest()
        let metrics = TLSMetrics(in: server.registry, expiry: 1_900_000_000, authorityExpiry: 1_800_000_000)
        #expect(server.scrape[name] == 1_800_000_000)
        metrics.authoritiesExpire(at: 2_000_000_000)
        #expect(server.scrape[name] == 2_000_000_000)
    }

    static let everything: [ConnectionEvent] =
        [.opened, .closed, .handshakeCompleted]
        + ConnectionEvent.CloseReason.allCases.map { .closedByServer($0) }
        + ConnectionEvent.Refusal.allCases.map { .refused($0) }
        + ConnectionEvent.Pause.allCases.map { .acceptingPaused($0) }
        + ConnectionEvent.HandshakeFailure.allCases.map { .handshakeFailed($0) } + [.streamRefused, .streamRejected]
}
