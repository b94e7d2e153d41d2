// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPProtocol
internal import HTTPService

/// How long a connection has been waiting for its client, and whether that is too long.
///
/// It checks the connection now and then, and compares with what it saw the last time. So nothing has to report to it:
/// a request that comes and is answered between two checks costs nothing.
struct DeadlineTracker {
    private var handshake: Wait
    private var head: Wait
    private var request: Wait
    private var answer: Wait
    private var progress: Progress?
    private var oldAt: Moment
    /// When it is closed because what it was authenticated with does not count any more; nil as long as it does.
    private var outdatedEnd: Moment?

    /// How far a client has got with taking an answer.
    fileprivate struct Progress {
        /// What the client had acknowledged at that time, in bytes; nil as long as nobody has asked.
        var taken: Int?
        var since: Moment
        var lastSample: Moment
        /// What it had acknowledged at the last sample, in bytes.
        var lastTaken: Int?
        /// How fast it takes its answers, in bytes a second; half of it is what it took since the last sample.
        var pace: Int?
    }

    /// How often it is asked what a client has acknowledged: it takes a system call.
    private static let samplingInterval = Duration.seconds(1)

    /// A tracker of a connection that may grow so old.
    init(acceptedAt: Moment, age: Duration) {
        oldAt = acceptedAt + age
        handshake = Wait(since: acceptedAt)
        head = Wait(since: acceptedAt)
        request = Wait(since: acceptedAt)
        answer = Wait(since: acceptedAt)
    }

    /// How fast the client takes answers, in bytes a second; nil if there are none, or not for long enough to tell.
    var pace: Int? { progress?.pace }

    /// How long the client has been waited for; nil if it is not.
    func waiting(at now: Moment) -> Duration? {
        [handshake.time(at: now), head.time(at: now), request.time(at: now)].compactMap(\.self).max()
    }

    /// Whether the connection is so old that it should end when it can.
    func isOld(at now: Moment) -> Bool {
        now > oldAt
    }

    /// Records that what the connection was authenticated with does not count any more: it soon is old, and it has an end.
    mutating func credentialsAreOutdated(at now: Moment, _ deadlines: Deadlines) {
        guard outdatedEnd == nil else { return }
        outdatedEnd = now + deadlines.outdated
        oldAt = min(oldAt, now + deadlines.outdatedSpread * Double.random(in: 0...1))
    }

    /// Why the connection must end now; nil if it need not.
    ///
    /// - Parameters:
    ///   - current: What the connection is waiting for now.
    ///   - now: The time.
    ///   - deadlines: How long anything may take.
    ///   - taken: What the client has acknowledged of all that it was sent, in bytes; nil if the system does not tell.
    /// - Returns: The reason.
    mutating func check(
        _ current: WaitState,
        at now: Moment,
        _ deadlines: Deadlines,
        taken: () -> Int?
    ) -> ConnectionEvent.CloseReason? {
        let isLate = (
            handshake: handshake.update(current.handshake, at: now, limit: deadlines.handshake),
            head: head.update(current.head, at: now, limit: deadlines.head),
            request: request.update(current.request, at: now, limit: deadlines.idle),
            answer: answer.update(current.answer, at: now, limit: deadlines.answer)
        )
        if isLate.handshake { return .handshakeTimeout }
        if isLate.head { return .headTimeout }
        if isLate.request { return .idleTimeout }
        if isLate.answer { return .stalledReader }
        if let outdatedEnd, now > outdatedEnd { return .outdatedCredentials }
        guard current.answers > 0 else {
            progress = nil
            return nil
        }
        return checkProgress(now, deadlines, taken: taken)
    }

    private mutating func checkProgress(
        _ now: Moment,
        _ deadlines: Deadlines,
        taken: () -> Int?
    ) -> ConnectionEvent.CloseReason? {
        guard var progress else {
            progress = Progress(taken: nil, since: now, lastSample: now)
            return nil
        }
        let elapsed = now - progress.lastSample
        // At the end it is asked at once: a protocol that gives up single answers, at the same time, is not to come first.
        guard elapsed >= Self.samplingInterval || (elapsed > .zero && now - progress.since > deadlines.stall) else {
            return nil
        }
        progress.lastSample = now
        defer { self.progress = progress }
        guard let taken = taken() else { return nil }
        progress.sample(taken, after: elapsed)
        guard let before = progress.taken else {
            progress.taken = taken
            return nil
        }
        if taken - before >= deadlines.progress {
            progress.taken = taken
            progress.since = now
        }
        return now - progress.since > deadlines.stall ? .stalledReader : nil
    }
}

extension DeadlineTracker.Progress {
    /// Records what the client has acknowledged by now.
    fileprivate mutating func sample(_ taken: Int, after elapsed: Duration) {
        if let last = lastTaken {
            let now = Int(Double(taken - last) / (elapsed / .seconds(1)))
            pace = pace.map { ($0 + now) / 2 } ?? now
        }
        lastTaken = taken
    }
}

extension DeadlineTracker {
    /// Something that a connection waits for, and since when.
    fileprivate struct Wait {
        private var number: Int?
        private var since: Moment
        private var wasChecked = false

        /// A wait that, if the first check sees it, began at that time.
        init(since: Moment) {
            self.since = since
        }

        /// Records what is waited for now, by its number, and returns whether that has taken too long; nil stands for nothing, and
        /// for no limit.
        mutating func update(_ current: Int?, at now: Moment, limit: Duration?) -> Bool {
            if current != number, wasChecked { since = now }
            wasChecked = true
            number = current
            guard let limit, let time = time(at: now) else { return false }
            return time > limit
        }

        /// How long it has taken; nil if nothing is waited for.
        func time(at now: Moment) -> Duration? {
            number == nil ? nil : now - since
        }
    }
}
