// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import Content
internal import HTTPSemantics
package import HTTPService
internal import Metrics
internal import ModuleCatalog
internal import Synchronization

/// Counts a listener's exchanges on one event loop.
///
/// It is called for every answer, so it only adds to numbers of its own, under a lock that nobody else wants; they are
/// handed to the metrics when these are read. Counters that all event loops share were measured to cost a tenth of a small
/// answer. No label is made of what a client sent, so that no client can make series.
package final class ExchangeMetrics: ExchangeObserver {
    /// What answers are told apart by.
    private struct Key: Hashable {
        /// The URL path of the module that was asked for, as the catalog knows it; ``shared``, ``kept``, ``peer``; empty
        /// where the answer is about none.
        let module: String
        /// What was asked for, whether it is here or not; nil if that is no module.
        let key: RequestedResource.Key?
        let version: Exchange.ProtocolVersion
        let status: Status
    }

    /// What is told apart while answers come; labels are looked up when they are counted together.
    private struct Answer {
        let module: RequestedResource?
        let isForPeer: Bool
        let version: Exchange.ProtocolVersion
        let status: Status

        init(_ exchange: Exchange) {
            module = exchange.response.resource
            isForPeer = exchange.request?.isOwn ?? false
            version = exchange.version
            status = exchange.response.head.status
        }

        /// Whether another exchange was answered like that.
        func isLike(_ exchange: Exchange) -> Bool {
            module === exchange.response.resource && status == exchange.response.head.status
                && version == exchange.version && isForPeer == (exchange.request?.isOwn ?? false)
        }
    }

    /// What was counted since the metrics were read.
    private struct Count {
        var requests = 0
        var bytes = 0
        var cut = 0
    }

    private struct State {
        /// What answers may be about now.
        var modules: Set<String> = [none]
        var counts: [Key: Count] = [:]
        var durations = DurationTally()
        /// The answers of one kind in a row, which is how most come, and what is counted of them.
        var latest: Answer?
        var latestCount = Count()
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

    /// Stands for a digest that several paths have: nobody can tell which of them was meant.
    private static let shared = "shared"

    /// Stands for no module.
    private static let none = ""

    /// Stands for whatever peers ask for, to have it too: that no gateway has a module is not hidden by it.
    private static let peer = "peer"

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
        expect(Self.none, nil, [.ok])
        // An alert counts them, and a counter that appears with its first failures has not grown.
        if listener != .operations {
            expect(Self.none, nil, Self.denials)
            for key in RequestedResource.Key.allCases { expect(Self.none, key, Self.denials) }
        }
        registry.beforeReading { [weak self] in self?.publish() }
    }

    /// Counts an exchange.
    package func exchangeEnded(_ exchange: Exchange) {
        let isHead = if case .head? = exchange.request?.method { true } else { false }
        let bytes = exchange.isComplete && !isHead ? exchange.response.contentLength : 0
        state.withLock { state in
            if !(state.latest?.isLike(exchange) ?? false) {
                Self.settle(&state)
                state.latest = Answer(exchange)
            }
            state.latestCount.requests += 1
            state.latestCount.bytes += bytes
            if !exchange.isComplete { state.latestCount.cut += 1 }
            state.durations.add(exchange.duration)
            if let traceparent = exchange.request?.traceparent {
                Self.note(traceparent, of: exchange, in: &state.durations)
            }
        }
    }

    private static func note(_ traceparent: String, of exchange: Exchange, in durations: inout DurationTally) {
        guard let context = TraceContext(traceparent: traceparent), context.isSampled else { return }
        durations.add(
            exemplar: Exemplar(trace: context.trace, value: exchange.duration / .seconds(1), time: platform_seconds())
        )
    }

    /// Counts what is about these modules by their paths from now on, and forgets those that are gone.
    ///
    /// An answer under way with a module that is gone is counted as one about none.
    func serve(_ snapshot: Snapshot) {
        publish()
        let current = snapshot.modules.map(\.path.urlPath)
        let rejected = snapshot.rejected.compactMap(\.path?.urlPath)
        let common = [
            snapshot.kept.isEmpty ? nil : Self.kept,
            Set(snapshot.modules.map(\.blob.digest)).count == current.count ? nil : Self.shared,
        ].compactMap(\.self)
        let known = Set(current + rejected + common + [Self.none])
        state.withLock { $0.modules = known }
        let lasting = known.union([Self.peer])
        counters.withLock { counters in
            for (key, gone) in counters where !lasting.contains(key.module) {
                gone.requests.destroy()
                gone.bytes.destroy()
                counters[key] = nil
            }
        }
        for module in current { expect(module, .name, [.ok]) }
        for module in current + common { expect(module, .digest, [.ok]) }
        for module in rejected { expect(module, .name, [.serviceUnavailable]) }
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
        guard let answer = state.latest else { return }
        let count = state.latestCount
        let module = answer.isForPeer ? peer : answer.module.map(label) ?? none
        let isKnown = answer.isForPeer || state.modules.contains(module)
        let key = Key(
            module: isKnown ? module : none,
            key: isKnown ? answer.module?.key : nil,
            version: answer.version,
            status: answer.status
        )
        state.counts[key, default: Count()].requests += count.requests
        state.counts[key, default: Count()].bytes += count.bytes
        state.counts[key, default: Count()].cut += count.cut
        (state.latest, state.latestCount) = (nil, Count())
    }

    private static func label(of module: RequestedResource) -> String {
        guard let path = module.paths.first else { return module.digest == nil ? none : kept }
        return module.paths.count == 1 ? path : shared
    }

    /// Makes the series of answers about a module before the first of them.
    private func expect(_ module: String, _ key: RequestedResource.Key?, _ statuses: [Status]) {
        for version in Self.usualVersions {
            for status in statuses {
                _ = counters(for: Key(module: module, key: key, version: version, status: status))
            }
        }
    }

    /// The counters of a key, made if it is the first time.
    private func counters(for key: Key) -> Counters {
        let labels = [
            ("listener", listener.rawValue), ("module", key.module), ("by", key.key?.rawValue ?? ""),
            ("protocol", key.version.label),
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
