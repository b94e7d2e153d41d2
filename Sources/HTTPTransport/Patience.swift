// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics
internal import NIOCore

/// How long a connection has been waiting for its client, and whether that is too long.
///
/// It looks at the connection every now and then and compares with what it saw the last time, so that nothing has to be
/// told to it: a request that comes and is answered between two looks costs nothing.
struct Patience {
    /// What was seen the last time.
    private var standing: Standing?
    /// Since when the client owes what it owes.
    private var owedSince: NIODeadline
    private var progress: Progress?
    private let acceptedAt: NIODeadline

    /// How far a client has got with taking an answer.
    private struct Progress {
        /// What the client had acknowledged at that time, in bytes; nil as long as nobody has asked.
        var taken: Int?
        var since: NIODeadline
        var lastLook: NIODeadline
    }

    /// How often it is asked what a client has acknowledged: it takes a system call.
    private static let samplingInterval = TimeAmount.seconds(1)

    init(acceptedAt: NIODeadline) {
        self.acceptedAt = acceptedAt
        owedSince = acceptedAt
    }

    /// How long the client has owed what it owes; nil if it owes nothing.
    func waiting(at now: NIODeadline) -> TimeAmount? {
        standing?.debt == nil ? nil : now - owedSince
    }

    /// Whether the connection is so old that it should end when it can.
    func isOld(at now: NIODeadline, _ deadlines: Deadlines) -> Bool {
        now - acceptedAt > deadlines.age
    }

    /// Looks at a connection.
    ///
    /// - Parameters:
    ///   - current: What the connection is waiting for now.
    ///   - now: The time.
    ///   - deadlines: How long anything may take.
    ///   - taken: What the client has acknowledged of all that it was sent, in bytes; nil if the system does not tell.
    /// - Returns: Why the connection must end; nil if it need not.
    mutating func look(
        at current: Standing,
        _ now: NIODeadline,
        _ deadlines: Deadlines,
        taken: () -> Int?
    ) -> ConnectionEvent.Cut? {
        // What the first look sees, the client has owed since the connection was accepted.
        if let standing, current.debt != standing.debt || current.occasion != standing.occasion { owedSince = now }
        standing = current
        if let debt = current.debt, now - owedSince > deadlines.limit(of: debt) { return debt.cut }
        guard current.isSending else {
            progress = nil
            return nil
        }
        return lookAtProgress(now, deadlines, taken: taken)
    }

    private mutating func lookAtProgress(
        _ now: NIODeadline,
        _ deadlines: Deadlines,
        taken: () -> Int?
    ) -> ConnectionEvent.Cut? {
        guard var progress else {
            progress = Progress(taken: nil, since: now, lastLook: now)
            return nil
        }
        guard now - progress.lastLook >= Self.samplingInterval else { return nil }
        progress.lastLook = now
        defer { self.progress = progress }
        guard let taken = taken() else { return nil }
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

extension Deadlines {
    fileprivate func limit(of debt: Standing.Debt) -> TimeAmount {
        switch debt {
        case .handshake: handshake
        case .head: head
        case .request: idle
        }
    }
}

extension Standing.Debt {
    fileprivate var cut: ConnectionEvent.Cut {
        switch self {
        case .handshake: .handshakeTimeout
        case .head: .headTimeout
        case .request: .idleTimeout
        }
    }
}
