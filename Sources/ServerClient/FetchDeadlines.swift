// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore
internal import Synchronization

/// How long one exchange may take.
package struct FetchTiming: Sendable {
    /// What counts towards the end.
    package enum Span: Sendable {
        /// All of it, from connecting on.
        case whole(Duration)
        /// What follows the connection, with more time for a server that is far away, as told by how long it took to connect.
        ///
        /// A server has stalled, long before that time is up, if it gives next to nothing for the second duration while it is
        /// waited for.
        case connected(Duration, stall: Duration)
    }

    /// How long a connection may take to come about.
    package let connecting: Duration
    /// How long all of it, or the rest, may take.
    package let span: Span

    /// The time to connect, and the time for the answer.
    package init(connecting: Duration, _ span: Span) {
        (self.connecting, self.span) = (connecting, span)
    }
}

/// The deadlines of one exchange: one for all of it, one for progress.
final class FetchDeadlines: Sendable {
    /// The bytes that must come before the server counts as stalled: far fewer than the deadline needs.
    private static let leastProgress = 16 << 10
    /// The longest round trip that extends deadlines, so that a server cannot take as much time as it likes.
    private static let longestRoundTrip = TimeAmount.seconds(1)
    /// How many round trips are left for all of it: two for TLS and the request, and two for what comes or is lost.
    private static let roundTrips = 4
    /// How many round trips are left for progress: one, and one for what is lost.
    private static let roundTripsOfProgress = 2

    private enum Kind {
        case deadline
        case stall
    }

    private struct State {
        /// How long it took to connect, up to what extends deadlines; zero until it has.
        var roundTrip = TimeAmount.zero
        var timers: [Kind: Scheduled<Void>] = [:]
        /// Since when the taker has waited without progress; nil while it is busy with what has come.
        var waitingSince: NIODeadline?
        /// What has come since the taker waits, in bytes.
        var progress = 0
        /// What to do when one has passed; nil before they have begun and after they have ended.
        var miss: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())
    private let timing: FetchTiming
    private let eventLoop: any EventLoop

    /// Deadlines that have not begun.
    init(_ timing: FetchTiming, on eventLoop: any EventLoop) {
        (self.timing, self.eventLoop) = (timing, eventLoop)
    }

    /// The round trip to the server, up to what extends deadlines; zero until there is a connection.
    var roundTrip: Duration { Duration(state.withLock { $0.roundTrip }) }

    /// Notes that the connection is being made; `miss` is called when a deadline has passed.
    func begin(_ miss: @escaping @Sendable () -> Void) {
        let time =
            switch timing.span {
            case .whole(let time): time
            case .connected(let time, _): timing.connecting + time
            }
        state.withLock { $0.miss = miss }
        set(.deadline, at: eventLoop.now + TimeAmount(time)) { self.miss() }
    }

    /// Notes that the connection has come about, after some time.
    func connected(after time: TimeAmount) {
        guard case .connected(let deadline, let stall) = timing.span else { return }
        let roundTrip = min(time, Self.longestRoundTrip)
        let now = eventLoop.now
        set(.deadline, at: now + TimeAmount(deadline) + Self.roundTrips * roundTrip) { self.miss() }
        state.withLock { state in
            state.roundTrip = roundTrip
            state.waitingSince = state.waitingSince.map { _ in now }
        }
        watch(for: TimeAmount(stall) + Self.roundTripsOfProgress * roundTrip, since: now)
    }

    /// Notes that the taker waits for what comes, unless it does already.
    func beginWaiting() {
        let now = eventLoop.now
        state.withLock { state in
            guard state.waitingSince == nil else { return }
            state.waitingSince = now
            state.progress = 0
        }
    }

    /// Notes that the taker is busy with what has come.
    func endWaiting() {
        state.withLock { $0.waitingSince = nil }
    }

    /// Notes that bytes have come.
    func progress(by count: Int) {
        let now = eventLoop.now
        state.withLock { state in
            state.progress += count
            guard state.waitingSince != nil, state.progress >= Self.leastProgress else { return }
            state.waitingSince = now
            state.progress = 0
        }
    }

    /// Ends the deadlines; none is missed any more.
    func end() {
        let timers = state.withLock { state in
            state.miss = nil
            defer { state.timers = [:] }
            return state.timers.values
        }
        for timer in timers { timer.cancel() }
    }

    private func miss() {
        state.withLock { $0.miss }?()
    }

    /// Looks at a time whether the server has stalled, and if not, again when it could have.
    private func watch(for stall: TimeAmount, since start: NIODeadline) {
        set(.stall, at: start + stall) {
            let now = self.eventLoop.now
            let since = self.state.withLock { $0.waitingSince } ?? now
            if now - since >= stall { self.miss() } else { self.watch(for: stall, since: since) }
        }
    }

    /// Sets a timer, in place of an earlier one, unless all is over.
    private func set(_ kind: Kind, at time: NIODeadline, _ act: @escaping @Sendable () -> Void) {
        let timer = eventLoop.scheduleTask(deadline: time, act)
        let old = state.withLock { $0.miss == nil ? timer : $0.timers.updateValue(timer, forKey: kind) }
        old?.cancel()
    }
}
