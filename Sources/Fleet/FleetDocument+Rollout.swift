// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
package import ServerInterface

extension FleetDocument {
    /// The most entries of clients that are listed.
    private static let mostClients = 16_384

    /// What is told of a rollout.
    ///
    /// - Parameters:
    ///   - modules: What is served by name.
    ///   - fleet: Who has fetched.
    ///   - instance: Tells this process from others.
    ///   - replicas: The others, and whether they have told of theirs.
    ///   - now: The present, in seconds since 1970.
    package init(of modules: [RolloutModule], _ fleet: Fleet, instance: String, replicas: [Replica], now: Int64) {
        let rollout = Rollout(of: modules, fleet.clients, now: now, most: Self.mostClients)
        let counts = rollout.counts
        self.init(
            instance: instance,
            time: Timestamp.text(now),
            modules: modules.map { module in
                Module(
                    path: module.path,
                    sha256: module.digest?.hexadecimal,
                    since: module.digest.map { _ in Timestamp.text(module.since) },
                    gateways: Counts(counts[module.path] ?? [:])
                )
            },
            clients: rollout.entries.map { Client($0) },
            omitted: rollout.omitted,
            forgotten: fleet.forgottenCount,
            replicas: replicas
        )
    }
}

extension FleetDocument.Counts {
    fileprivate init(_ counts: [ClientState: Int]) {
        self.init(
            current: counts[.current] ?? 0,
            behind: counts[.behind] ?? 0,
            missing: counts[.missing] ?? 0,
            failed: counts[.failed] ?? 0
        )
    }
}

extension FleetDocument.Client {
    fileprivate init(_ entry: Rollout.Entry) {
        let (client, fetch) = (entry.client, entry.fetch)
        self.init(
            client.key.name,
            identifiedBy: client.key.evidence.rawValue,
            kind: client.key.kind.rawValue,
            isGateway: client.key.kind.isGateway,
            userAgent: client.userAgent,
            module: entry.module,
            state: entry.state.rawValue,
            sha256: entry.digest?.hexadecimal,
            asked: entry.subject.text,
            first: Timestamp.text(fetch.first),
            last: Timestamp.text(fetch.last.time),
            lastSuccess: fetch.lastSuccess.map(Timestamp.text),
            outcome: fetch.last.outcome.rawValue,
            status: fetch.last.status,
            protocol: fetch.last.version,
            toldBy: fetch.teller
        )
    }
}
