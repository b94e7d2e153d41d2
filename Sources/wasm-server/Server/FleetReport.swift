// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import Content
internal import Fleet
internal import ModuleCatalog
internal import Operations
internal import ServerInterface
internal import Synchronization

/// Tells who has fetched what of the modules that are served: in a document, and in the metrics.
final class FleetReport: Sendable {
    /// Who has fetched.
    let fleet: Fleet
    /// Learns from peers; nil if there are none.
    let exchange: FleetExchange?
    private let instance: String
    /// What is served by name, and was before.
    private let served = Mutex<[RolloutModule]>([])

    /// A report for a process, of what it serves, and of what its peers tell.
    init(_ settings: Settings, instance: String, serving snapshot: Snapshot, peers: PeerService?, report: PeerReport?) {
        fleet = Fleet(
            limits: FleetLimits(clients: settings.fleet.clients, lifetime: settings.fleet.retain),
            trusting: TrustedProxies(settings.fleet.trustedProxies),
            now: { platform_seconds() }
        )
        exchange = peers.map { [fleet] peers in
            FleetExchange(
                fleet,
                instance: instance,
                peers.documentRound,
                operationsPort: settings.operationsPort,
                report: { report?.news(from: $0, $1) },
                now: Listeners.now
            )
        }
        self.instance = instance
        serve(snapshot)
    }

    /// Something else is served from now on.
    func serve(_ snapshot: Snapshot) {
        served.withLock { served in
            served = Self.modules(of: snapshot, after: served)
            fleet.serve(served)
        }
    }

    /// The document at ``FleetDocument/path``.
    func document() -> FleetDocument {
        FleetDocument(
            of: fleet.modules,
            fleet,
            instance: instance,
            replicas: exchange?.replicas ?? [],
            now: platform_seconds()
        )
    }

    /// Has the metrics tell how many gateways have what.
    func measure(in registry: PrometheusRegistry) {
        registry.collectClients {
            let modules = self.fleet.modules
            let counts = Rollout(of: modules, self.fleet.clients, now: platform_seconds(), most: 0).counts
            return modules.flatMap { module in
                ClientState.allCases.map { state in
                    .init(module: module.path, state: state.rawValue, value: counts[module.path]?[state] ?? 0)
                }
            }
        } forgotten: {
            self.fleet.forgottenCount
        }
    }

    private static func modules(of snapshot: Snapshot, after former: [RolloutModule]) -> [RolloutModule] {
        let former = Dictionary(former.map { ($0.path, $0) }) { $1 }
        var kept: [String: Set<Digest>] = [:]
        for module in snapshot.kept {
            if let path = module.path?.urlPath { kept[path, default: []].insert(module.blob.digest) }
        }
        func module(at path: String, _ digest: Digest?, since: Int64) -> RolloutModule {
            RolloutModule(after: former[path], path: path, digest: digest, since: since, keeping: kept[path] ?? [])
        }
        let served = snapshot.modules.map { module(at: $0.path.urlPath, $0.blob.digest, since: $0.since) }
        let paths = Set(served.map(\.path))
        let rejected = Set(snapshot.rejected.compactMap(\.path?.urlPath)).subtracting(paths).map { path in
            module(at: path, nil, since: 0)
        }
        return (served + rejected).sorted { $0.path < $1.path }
    }
}
