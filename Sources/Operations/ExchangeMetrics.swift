// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
package import HTTPSemantics
internal import Metrics
internal import ModuleCatalog
internal import Synchronization

/// Counts a listener's exchanges.
///
/// It is called for every answer, on any event loop: two look-ups in a table and three atomic additions. No label is made
/// of what a client sent, so that no client can make series.
package final class ExchangeMetrics: ExchangeObserver {
    /// What can be told apart of answers.
    private struct Key: Hashable {
        /// The URL path of the module as the catalog knows it; empty where the answer is about none that is served.
        let module: String
        let version: Exchange.ProtocolVersion
        let status: Status
    }

    private struct Counters {
        let requests: Counter
        let bytes: Counter
    }

    private struct Table {
        /// Where the modules that are served now are found.
        var paths: [Digest: String] = [:]
        var counters: [Key: Counters] = [:]
    }

    /// What clients that are meant to come here speak.
    private static let usualVersions: [Exchange.ProtocolVersion] = [.http11, .http2]

    private let listener: Listener
    private let factory: any MetricsFactory
    private let table = Mutex(Table())
    private let cut: [Exchange.ProtocolVersion: Counter]
    private let duration: Metrics.Timer

    init(of listener: Listener, in factory: any MetricsFactory) {
        self.listener = listener
        self.factory = factory
        let versions: [Exchange.ProtocolVersion] = [.http10, .http11, .http2]
        cut = Dictionary(
            uniqueKeysWithValues: versions.map { version in
                let labels = [("listener", listener.rawValue), ("protocol", version.label)]
                return (version, MetricName.responsesCut.counter(labels, in: factory))
            }
        )
        duration = MetricName.requestDuration.histogram([("listener", listener.rawValue)], in: factory)
        for version in Self.usualVersions { _ = counters(for: Key(module: "", version: version, status: .ok)) }
    }

    /// Counts an exchange.
    package func exchangeEnded(_ exchange: Exchange) {
        // Copying the table is a reference; the lock is held no longer.
        let table = table.withLock { $0 }
        let module = exchange.response.module.flatMap { table.paths[$0] } ?? ""
        let key = Key(module: module, version: exchange.version, status: exchange.response.head.status)
        let counters = table.counters[key] ?? counters(for: key)
        counters.requests.increment()
        if exchange.isComplete {
            if exchange.request?.method != .head { counters.bytes.increment(by: exchange.response.body.count) }
        } else {
            cut[exchange.version]?.increment()
        }
        duration.recordNanoseconds(exchange.duration.nanoseconds)
    }

    /// Counts what is about these modules by their paths from now on, and forgets those that are gone.
    ///
    /// An answer under way with a module that is gone is counted as one about none.
    func serve(_ snapshot: Snapshot) {
        let found = snapshot.modules.map { ($0.blob.digest, $0.path.urlPath) }
        let paths = Dictionary(found, uniquingKeysWith: { first, _ in first })
        let known = Set(paths.values)
        table.withLock { table in
            table.paths = paths
            for (key, counters) in table.counters where !key.module.isEmpty && !known.contains(key.module) {
                counters.requests.destroy()
                counters.bytes.destroy()
                table.counters[key] = nil
            }
        }
        for module in known {
            for version in Self.usualVersions { _ = counters(for: Key(module: module, version: version, status: .ok)) }
        }
    }

    /// The counters of a key, made if it is the first time.
    private func counters(for key: Key) -> Counters {
        let labels = [
            ("listener", listener.rawValue), ("module", key.module), ("protocol", key.version.label),
        ]
        return table.withLock { table in
            if let present = table.counters[key] { return present }
            let made = Counters(
                requests: MetricName.requests.counter(labels + [("status", "\(key.status.rawValue)")], in: factory),
                bytes: MetricName.responseBytes.counter(labels, in: factory)
            )
            table.counters[key] = made
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

extension Duration {
    fileprivate var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
