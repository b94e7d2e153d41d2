// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
package import HTTPSemantics
internal import Metrics
internal import ModuleCatalog
internal import Synchronization

/// Counts a listener's exchanges on one event loop.
///
/// It is called for every answer, so it only adds to numbers of its own, under a lock that nobody else wants; they are
/// handed to the metrics when these are read. Counters that all event loops share were measured to cost a tenth of a small
/// answer. No label is made of what a client sent, so that no client can make series.
package final class ExchangeMetrics: ExchangeObserver {
    /// What can be told apart of answers.
    private struct Key: Hashable {
        /// The URL path of the module as the catalog knows it; `kept` for any that is served by digest only; empty where the
        /// answer is about none.
        let module: String
        let version: Exchange.ProtocolVersion
        let status: Status
    }

    /// What was counted since the metrics were read.
    private struct Count {
        var requests = 0
        var bytes = 0
        var cut = 0
    }

    private struct State {
        /// Where the modules that are served now are found.
        var paths: [Digest: String] = [:]
        var counts: [Key: Count] = [:]
        var durations = DurationTally()
        /// The answers of one kind in a row, which is how most come, and what is counted of them.
        var latest: (module: Digest?, version: Exchange.ProtocolVersion, status: Status, count: Count)?
    }

    private struct Counters {
        let requests: Counter
        let bytes: Counter
    }

    /// What clients that are meant to come here speak.
    private static let usualVersions: [Exchange.ProtocolVersion] = [.http11, .http2]

    /// Stands for all modules that are served by digest only; no path is like it.
    private static let kept = "kept"

    private let listener: Listener
    private let registry: PrometheusRegistry
    private let state = Mutex(State())
    private let counters = Mutex<[Key: Counters]>([:])
    private let cut: [Exchange.ProtocolVersion: Counter]
    private let duration: HistogramSeries

    init(of listener: Listener, in registry: PrometheusRegistry) {
        self.listener = listener
        self.registry = registry
        let versions: [Exchange.ProtocolVersion] = [.http10, .http11, .http2]
        cut = Dictionary(
            uniqueKeysWithValues: versions.map { version in
                let labels = [("listener", listener.rawValue), ("protocol", version.label)]
                return (version, MetricName.responsesCut.counter(labels, in: registry))
            }
        )
        duration = registry.series(MetricName.requestDuration.rawValue, [("listener", listener.rawValue)])
        expect("")
        registry.beforeReading { [weak self] in self?.publish() }
    }

    /// Counts an exchange.
    package func exchangeEnded(_ exchange: Exchange) {
        let (module, version, status) = (exchange.response.module, exchange.version, exchange.response.head.status)
        let isHead = exchange.request?.method == .head
        let bytes = exchange.isComplete && !isHead ? exchange.response.body.count : 0
        state.withLock { state in
            if state.latest == nil || state.latest?.module != module || state.latest?.version != version
                || state.latest?.status != status
            {
                Self.settle(&state)
                state.latest = (module, version, status, Count())
            }
            state.latest?.count.requests += 1
            state.latest?.count.bytes += bytes
            if !exchange.isComplete { state.latest?.count.cut += 1 }
            state.durations.add(exchange.duration)
        }
    }

    /// Counts what is about these modules by their paths from now on, and forgets those that are gone.
    ///
    /// An answer under way with a module that is gone is counted as one about none.
    func serve(_ snapshot: Snapshot) {
        publish()
        let current = snapshot.modules.map { ($0.blob.digest, $0.path.urlPath) }
        let found = current + snapshot.kept.map { ($0.blob.digest, Self.kept) }
        let paths = Dictionary(found, uniquingKeysWith: { first, _ in first })
        let known = Set(paths.values)
        state.withLock { $0.paths = paths }
        counters.withLock { counters in
            for (key, gone) in counters where !key.module.isEmpty && !known.contains(key.module) {
                gone.requests.destroy()
                gone.bytes.destroy()
                counters[key] = nil
            }
        }
        for module in known { expect(module) }
    }

    /// Adds what was counted since the last time to what is exposed.
    private func publish() {
        let (counts, durations) = state.withLock { state in
            Self.settle(&state)
            defer {
                state.counts = [:]
                state.durations = DurationTally()
            }
            return (state.counts, state.durations)
        }
        for (key, count) in counts {
            let counters = counters(for: key)
            counters.requests.increment(by: count.requests)
            counters.bytes.increment(by: count.bytes)
            cut[key.version]?.increment(by: count.cut)
        }
        duration.add(durations)
    }

    private static func settle(_ state: inout State) {
        guard let latest = state.latest else { return }
        let module = latest.module.flatMap { state.paths[$0] } ?? ""
        let key = Key(module: module, version: latest.version, status: latest.status)
        state.counts[key, default: Count()].requests += latest.count.requests
        state.counts[key, default: Count()].bytes += latest.count.bytes
        state.counts[key, default: Count()].cut += latest.count.cut
        state.latest = nil
    }

    /// Has the series of usual answers about a module exist before the first of them.
    private func expect(_ module: String) {
        for version in Self.usualVersions { _ = counters(for: Key(module: module, version: version, status: .ok)) }
    }

    /// The counters of a key, made if it is the first time.
    private func counters(for key: Key) -> Counters {
        let labels = [
            ("listener", listener.rawValue), ("module", key.module), ("protocol", key.version.label),
        ]
        return counters.withLock { counters in
            if let present = counters[key] { return present }
            let made = Counters(
                requests: MetricName.requests.counter(labels + [("status", "\(key.status.rawValue)")], in: registry),
                bytes: MetricName.responseBytes.counter(labels, in: registry)
            )
            counters[key] = made
            return made
        }
    }
}

extension Exchange.ProtocolVersion {
    fileprivate var label: String {
        switch self {
        case .http10: "1.0"
        case .http11: "1.1"
        case .http2: "2"
        }
    }
}
