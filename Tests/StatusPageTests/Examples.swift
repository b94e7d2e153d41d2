// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import ServerInterface
import StatusPage

/// The present in these tests.
let now = "2026-11-30T12:00:00Z"

extension ModuleIndex.Entry {
    /// A module that is served at a path.
    static func served(_ path: String, fetched: String? = now) -> Self {
        var entry = Self(.admitted, .current, source: "/srv\(path)")
        entry.path = path
        entry.name = String(path.dropFirst().dropLast(5))
        entry.sha256 = String(repeating: "ab", count: 32)
        entry.digestPath = "/sha256/\(String(repeating: "ab", count: 32)).wasm"
        (entry.size, entry.since, entry.lastFetched) = (9_659_561, "2026-11-30T09:00:00Z", fetched)
        return entry
    }

    /// Something that was found for a path and is rejected.
    static func rejected(_ path: String, because reason: String) -> Self {
        var entry = Self(.rejected, .rejected, source: "/srv\(path)")
        (entry.path, entry.reason) = (path, reason)
        return entry
    }
}

extension ModuleIndex {
    /// An index of entries.
    init(_ entries: [Entry]) {
        self.init(
            instance: "0123456789abcdef",
            gateways: [],
            modules: entries,
            rejectedCount: entries.count { $0.state == State.rejected.rawValue }
        )
    }
}

extension FleetDocument {
    /// What is known of the gateways of one module.
    static func of(_ path: String, _ counts: Counts, clients: [Client] = [], replicas: [Replica] = []) -> Self {
        FleetDocument(
            instance: "0123456789abcdef",
            time: now,
            modules: [Module(path: path, sha256: String(repeating: "ab", count: 32), since: now, gateways: counts)],
            clients: clients,
            omitted: 0,
            forgotten: 0,
            replicas: replicas
        )
    }
}

extension FleetDocument.Client {
    /// A client that is called something, and says something of itself.
    static func called(_ name: String, userAgent: String? = nil, state: String = "current", module: String? = "/a.wasm")
        -> Self
    {
        FleetDocument.Client(
            name,
            identifiedBy: "address",
            kind: "envoy",
            isGateway: true,
            userAgent: userAgent,
            module: module,
            state: state,
            sha256: String(repeating: "ab", count: 32),
            asked: "/a.wasm",
            first: now,
            last: now,
            lastSuccess: now,
            outcome: "whole",
            status: 200,
            protocol: "HTTP/1.1",
            toldBy: nil
        )
    }
}

extension CertificatesDocument {
    /// A certificate that expires at a time.
    static func expiring(
        _ time: String,
        since begins: String = "2025-11-01T00:00:00Z",
        remarks: [Remark] = [],
        authorities: [Authorities] = [],
        problem: String? = nil
    ) -> Self {
        CertificatesDocument(
            certificate: Certificate(
                file: "/tls/tls.crt",
                sha256: String(repeating: "cd", count: 32),
                names: "wasm-server.example",
                begins: begins,
                expires: time,
                key: "EC P-256",
                issuer: "CN=authority",
                remarks: remarks
            ),
            clientAuthorities: nil,
            authorities: authorities,
            problem: problem
        )
    }
}

extension PeersDocument {
    /// No peers.
    static let none = PeersDocument(names: [], peers: [], replicas: [])
}

extension StatusDocument {
    /// How a server is that has such modules and such a fleet.
    static func of(_ index: ModuleIndex, _ fleet: FleetDocument? = nil, isReady: Bool = true) -> Self {
        StatusDocument(
            Findings(problems: [], index, fleet, .none, .none, warnings: [], now: now),
            of: Process(
                instance: "0123456789abcdef",
                version: "1.2.3",
                revision: "abc",
                started: now,
                isReady: isReady
            ),
            index,
            fleet,
            sources: [Source("/srv", lastChecked: now)],
            now: now
        )
    }
}
