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
        /// The URL path of the module as the catalog knows it; `kept` for any that is served by digest only; `sibling` for
        /// whatever a sibling asked for; empty where the answer is about none.
        let module: String
        let version: Exchange.ProtocolVersion
        let status: Status
    }

    /// What is told apart while answers come: the module's path is looked up when they are counted together.
    private struct Answer: Equatable {
        let module: Digest?
        let isForSibling: Bool
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
        var latest: (answer: Answer, count: Count)?
    }

    private struct Counters {
        let requests: Counter
        let bytes: Counter
    }

    /// What clients that are meant to come here speak.
    private static let usualVersions: [Exchange.ProtocolVersion] = [.http11, .http2]

    /// The answers by which a gateway is denied its module.
    private static let denials: [Status] = [.forbidden, .notFound, .serviceUnavailable]

    /// Stands for all modules that are served by digest only; no path is like it.
    private static let kept = "kept"

    /// Stands for whatever siblings ask for, to have it too: that no gateway has a module is not hidden by it.
    private static let sibling = "sibling"

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
        expect("", [.ok])
        // These are about no module, not even where its path is known. An alert counts them, and a counter that appears with
        // its first failures has not grown.
        if listener != .operations { expect("", Self.denials) }
        registry.beforeReading { [weak self] in self?.publish() }
    }

    /// Counts an exchange.
    package func exchangeEnded(_ exchange: Exchange) {
        let answer = Answer(
            module: exchange.response.module,
            isForSibling: exchange.request?.fields.sibling != nil,
            version: exchange.version,
            status: exchange.response.head.status
        )
        let isHead = exchange.request?.method == .head
        let bytes = exchange.isComplete && !isHead ? exchange.response.body.count : 0
        state.withLock { state in
            if state.latest?.answer != answer {
                Self.settle(&state)
                state.latest = (answer, Count())
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
        let lasting = known.union(["", Self.sibling])
        state.withLock { $0.paths = paths }
        counters.withLock { counters in
            for (key, gone) in counters where !lasting.contains(key.module) {
                gone.requests.destroy()
                gone.bytes.destroy()
                counters[key] = nil
            }
        }
        for module in known { expect(module, [.ok]) }
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
        guard let (answer, count) = state.latest else { return }
        let module = answer.isForSibling ? sibling : answer.module.flatMap { state.paths[$0] } ?? ""
        let key = Key(module: module, version: answer.version, status: answer.status)
        state.counts[key, default: Count()].requests += count.requests
        state.counts[key, default: Count()].bytes += count.bytes
        state.counts[key, default: Count()].cut += count.cut
        state.latest = nil
    }

    /// Has the series of answers about a module exist before the first of them.
    private func expect(_ module: String, _ statuses: [Status]) {
        for version in Self.usualVersions {
            for status in statuses { _ = counters(for: Key(module: module, version: version, status: status)) }
        }
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
