// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import Synchronization

/// What exchanges are to be told of as spans, and what became of those before.
package final class Tracer: Sendable {
    private struct State {
        var queue = SpanQueue()
        var counts: [SpanOutcome: Int] = [:]
        var recorders: [SpanRecorder] = []
    }

    private let now: @Sendable () -> Int64
    private let state = Mutex(State())

    /// A tracer that nothing is known of yet; `now` tells the present, in nanoseconds since 1970.
    package init(now: @escaping @Sendable () -> Int64 = { max(platform_exact_nanoseconds(), 0) }) {
        self.now = now
    }

    /// An observer of a port's exchanges, which makes spans of them; each thread should have one of its own.
    package func recorder(of port: TracedPort) -> SpanRecorder {
        let recorder = SpanRecorder(of: port, now: now) { [weak self] in self?.take($0) }
        state.withLock { $0.recorders.append(recorder) }
        return recorder
    }

    /// How many spans came to what.
    package func count(_ outcome: SpanOutcome) -> Int { state.withLock { $0.counts[outcome, default: 0] } }

    /// Counts spans that came to something.
    func count(_ number: Int, as outcome: SpanOutcome) {
        guard number > 0 else { return }
        state.withLock { $0.counts[outcome, default: 0] += number }
    }

    /// Has all recorders hand over what they have noted.
    func settle() {
        for recorder in state.withLock(\.recorders) { recorder.settle() }
    }

    /// The exchanges that are told of next; none if none wait.
    func next() -> [TracedExchange] { state.withLock { $0.queue.take() } }

    /// Whether there is no room for any more.
    var isFull: Bool { state.withLock { $0.queue.isFull } }
    /// Whether as many wait as are told of at once.
    var hasBatch: Bool { state.withLock { $0.queue.hasBatch } }
    /// How many wait.
    var waitingCount: Int { state.withLock { $0.queue.count } }

    private func take(_ exchanges: [TracedExchange]) {
        state.withLock { state in
            let dropped = state.queue.add(exchanges)
            if dropped > 0 { state.counts[.dropped, default: 0] += dropped }
        }
    }
}

/// What became of a span.
package enum SpanOutcome: String, CaseIterable, Sendable {
    /// The collector has taken it.
    case exported
    /// There was no room for it.
    case dropped
    /// The collector said that it did not take it, and took others.
    case rejected
    /// It was sent, and not taken.
    case failed
}
