// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Metrics
internal import Synchronization

/// The metrics of this server's requests to its peers; without peers, there are none.
package final class PeerMetrics: Sendable {
    /// What peers are asked for.
    package enum Request: String, CaseIterable, Sendable {
        /// Which digests they can give.
        case list
        /// The bytes of a digest.
        case fetch
        /// Who has fetched from them.
        case news
    }

    private struct Key: Hashable {
        let request: Request
        let result: String
    }

    private static let success = "ok"

    private let registry: PrometheusRegistry
    private let requests = Mutex<[Key: Counter]>([:])
    private let searches: [String: Counter]
    private let adopted: Meter

    /// The metrics of requests to peers, and of the possible outcomes of searches.
    package init(in registry: PrometheusRegistry, outcomes: [String]) {
        self.registry = registry
        searches = Dictionary(
            uniqueKeysWithValues: outcomes.map { outcome in
                (outcome, MetricName.searches.counter([("result", outcome)], in: registry))
            }
        )
        adopted = MetricName.adopted.gauge(in: registry)
        for request in Request.allCases { _ = counter(of: Key(request: request, result: Self.success)) }
    }

    /// Counts a request that a peer has answered, or the short name of its failure, of which there are few.
    package func asked(for request: Request, failure: String? = nil) {
        counter(of: Key(request: request, result: failure ?? Self.success)).increment()
    }

    /// Counts the outcome of a search for a digest.
    package func searched(_ outcome: String) {
        searches[outcome]?.increment()
    }

    /// So many modules were taken over from peers before the server was ready.
    package func adopted(_ count: Int) {
        adopted.set(count)
    }

    private func counter(of key: Key) -> Counter {
        requests.withLock { requests in
            if let known = requests[key] { return known }
            let labels = [("request", key.request.rawValue), ("result", key.result)]
            let counter = MetricName.peerRequests.counter(labels, in: registry)
            requests[key] = counter
            return counter
        }
    }
}
