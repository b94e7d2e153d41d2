// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import HTTPService
internal import Synchronization

/// Notes the exchanges of a listener on one thread that become spans, and hands them over now and then.
///
/// All else that it takes to tell of a span is done elsewhere: ids, texts, JSON.
package final class SpanRecorder: ExchangeObserver {
    private let port: TracedPort
    private let now: @Sendable () -> Int64
    private let receive: @Sendable ([TracedExchange]) -> Void
    /// Nobody else wants it, but when the exporter comes round.
    private let pending = Mutex<[TracedExchange]>([])

    /// The most that is noted before it is handed over at once.
    static let mostPending = 32

    /// A recorder that tells the time by `now`, in nanoseconds since 1970, and hands what it has noted to `receive`.
    init(
        of port: TracedPort,
        now: @escaping @Sendable () -> Int64,
        receive: @escaping @Sendable ([TracedExchange]) -> Void
    ) {
        (self.port, self.now, self.receive) = (port, now, receive)
    }

    /// Notes an exchange, if it becomes a span.
    package func exchangeEnded(_ exchange: Exchange) {
        guard let traced = TracedExchange(exchange, at: port, end: now()) else { return }
        let isFull = pending.withLock { pending in
            pending.append(traced)
            return pending.count >= Self.mostPending
        }
        if isFull { settle() }
    }

    /// Hands over what was noted.
    func settle() {
        let noted = pending.withLock { pending in
            defer { pending = [] }
            return pending
        }
        if !noted.isEmpty { receive(noted) }
    }
}
