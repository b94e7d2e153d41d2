// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Credentials
internal import HTTPProtocol

/// What the registry asks of it four times a second, and when there is no room for another.
extension Connection {
    /// Closes the connection if its client does not keep to a deadline, and ends it gracefully if it is old or outdated.
    ///
    /// It is outdated if what it was authenticated with no longer counts by `present`, which is nil in the clear.
    func checkDeadlines(at now: Moment, _ present: Authentication.Present?) {
        let deadlines = listener.limits.deadlines
        if let present, let authentication, authentication.isOutdated(at: present) {
            deadlineTracker.credentialsAreOutdated(at: now, deadlines)
        }
        var waitState = waitState
        if isEnding { waitState = WaitState(answers: waitState.answers) }
        if let reason = deadlineTracker.check(waitState, at: now, deadlines, taken: { socket.acknowledged }) {
            end(for: reason)
        } else if mustEnd == nil, hasAsked, deadlineTracker.isOld(at: now) {
            end(.age)
        }
        switch phase {
        case .opening: if let openingEnd, now >= openingEnd { endOpening() }
        case .speaking: step(at: now) { $0.check($1) }
        case .lingering: linger()
        case .closed: break
        }
        if !isClosed { socket.check() }
    }

    private var hasAsked: Bool { if let spoken { spoken.hasAsked } else { false } }

    private var waitState: WaitState {
        switch phase {
        case .opening(let isShakingHands): isShakingHands ? WaitState(handshake: 0) : WaitState(head: 0)
        case .speaking: if let spoken { spoken.waitState } else { WaitState() }
        // Who has taken everything owes nothing but to close.
        case .lingering: WaitState(answers: socket.hasUnacknowledgedOutput ? 1 : 0)
        case .closed: WaitState()
        }
    }

    /// What matters of it when there is no room for another.
    ///
    /// Whoever has taken all of the last answer has nothing to lose, just as if nothing had been asked for.
    func activity(at now: Moment) -> ConnectionEviction.Activity {
        let waiting =
            isEnding
            ? lingeringClose?.timeSinceTaken(at: now).map { (false, $0) }
            : deadlineTracker.waiting(at: now).map { (hasAsked, $0) }
        return .init(network: ClientNetwork(client), waiting: waiting, pace: deadlineTracker.pace)
    }

    /// How much is lost if it ends: nothing as long as it has asked for nothing, little while it is idle.
    var evictionCost: Int {
        guard hasAsked else { return 0 }
        return waitState.isWaitingForClient ? 1 : 2
    }
}
