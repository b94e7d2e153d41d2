// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import Metrics
package import ModuleCatalog
internal import Synchronization

/// What is measured of a server as a whole, and the observers that measure its listeners.
package final class ServerMetrics: Sendable {
    private struct State {
        var snapshot: Snapshot
        var modules: ModuleMetrics
        var exchanges: [ExchangeMetrics] = []
    }

    private let registry: PrometheusRegistry
    private let served: Meter
    private let rejected: Meter
    private let kept: Meter
    private let keptBytes: Meter
    private let lastChange: Meter
    private let dropped: [DroppedModule.Cause: Counter]
    private let state: Mutex<State>

    /// The metrics of a server of this version and commit: what it serves, whether it is ready, what its log has lost.
    package init(
        in registry: PrometheusRegistry,
        version: String,
        revision: String,
        serving snapshot: Snapshot,
        readiness: Readiness,
        sink: LogSink
    ) {
        self.registry = registry
        state = Mutex(State(snapshot: snapshot, modules: ModuleMetrics(of: snapshot)))
        served = MetricName.modules.gauge([("state", "current")], in: registry)
        rejected = MetricName.modules.gauge([("state", "rejected")], in: registry)
        kept = MetricName.modules.gauge([("state", "kept")], in: registry)
        keptBytes = MetricName.keptBytes.gauge(in: registry)
        lastChange = MetricName.lastChange.gauge(in: registry)
        dropped = Dictionary(
            uniqueKeysWithValues: DroppedModule.Cause.allCases.map { cause in
                (cause, MetricName.modulesDropped.counter([("cause", cause.rawValue)], in: registry))
            }
        )
        MetricName.buildInfo.gauge([("version", version), ("revision", revision)], in: registry).set(1)
        registry.collect {
            [
                MetricName.ready.family(.gauge, readiness.isReady ? 1 : 0),
                MetricName.logLinesLost.family(.counter, Double(sink.lostLines)),
            ]
        }
        let process = ProcessUsage()
        registry.collect { process.families }
        registry.collect { [weak self] in self?.state.withLock { $0.modules }.families ?? [] }
        count(snapshot)
    }

    /// Something else is served from now on.
    package func serve(_ snapshot: Snapshot) {
        count(snapshot)
        let modules = ModuleMetrics(of: snapshot)
        state.withLock { state in
            state.snapshot = snapshot
            state.modules = modules
            for exchange in state.exchanges { exchange.serve(snapshot) }
        }
    }

    /// Something else is kept from now on, and everything else is as it was: no module has other series.
    package func keep(_ snapshot: Snapshot) {
        count(snapshot)
        state.withLock { state in
            let hasChanged = snapshot.kept.isEmpty != state.snapshot.kept.isEmpty
            state.snapshot = snapshot
            // What is kept has one series for all of it.
            if hasChanged { for exchange in state.exchanges { exchange.serve(snapshot) } }
        }
    }

    /// Modules are no longer kept.
    package func count(_ modules: [DroppedModule]) {
        for module in modules { dropped[module.cause]?.increment() }
    }

    /// What is to observe a listener's exchanges and connections; each event loop should have one of its own.
    package func observers(of listener: Listener) -> Observers {
        let exchange = ExchangeMetrics(of: listener, in: registry)
        if listener != .operations {
            state.withLock { state in
                exchange.serve(state.snapshot)
                state.exchanges.append(exchange)
            }
        }
        return Observers(exchanges: [exchange], connections: [ConnectionMetrics(of: listener, in: registry)])
    }

    private func count(_ snapshot: Snapshot) {
        served.set(snapshot.modules.count)
        rejected.set(snapshot.rejectedCount)
        kept.set(snapshot.kept.count)
        keptBytes.set(snapshot.kept.reduce(0) { $0 + $1.blob.count })
        lastChange.set(snapshot.modules.map(\.since).max() ?? 0)
    }
}
