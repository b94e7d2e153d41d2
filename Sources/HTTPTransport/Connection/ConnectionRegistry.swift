// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Credentials
internal import HTTPSemantics
internal import HTTPService
internal import NIOCore

/// The connections of a listener on one event loop, and the deadlines that their clients keep.
///
/// A few times a second it looks at all of them, which costs a request nothing. There is no timer for a connection, let
/// alone for a byte.
final class ConnectionRegistry {
    /// How many answers on HTTP/2 connections are being sent.
    var answersUnderWay = 0

    private let eventLoop: any EventLoop
    /// What its connections share.
    let listener: ListenerContext
    private let counter: ConnectionCounter
    /// What connections are authenticated with; nil at a plain port.
    private let credentials: TLSCredentials?
    private var connections: [Connection] = []
    /// The least that an event loop may have, however many there are: a newcomer, and some that it need not replace.
    private static let smallestShare = 4
    private var nextSweep: Scheduled<Void>?
    /// How many connections there ever were.
    private var seen = 0
    /// How many there may be where a newcomer replaces another: those of other event loops cannot be chosen from.
    private let share: Int

    /// An empty registry for the connections of one of so many event loops; `credentials` are nil at a plain port.
    init(
        on eventLoop: any EventLoop,
        of loopCount: Int,
        listener: ListenerContext,
        counter: ConnectionCounter,
        credentials: TLSCredentials?
    ) {
        self.eventLoop = eventLoop
        self.listener = listener
        self.counter = counter
        self.credentials = credentials
        share = max(listener.limits.connections.count / loopCount, Self.smallestShare)
    }

    private var limits: Limits { listener.limits }

    /// Begins to look at a connection.
    func add(_ connection: Connection) {
        connection.registry = self
        connection.index = connections.count
        seen += 1
        connection.number = seen
        connections.append(connection)
        if nextSweep == nil { scheduleSweep() }
        if limits.connections.whenFull == .replace { replaceOne(by: connection) }
    }

    /// Ends one connection if there are too many: first of those who have asked for nothing, then of those who are
    /// idle, the oldest of each.
    private func replaceOne(by newcomer: Connection) {
        // Those that were closed in this turn of the event loop are still on the list.
        let others = connections.filter { $0 !== newcomer && !$0.isClosed }
        guard others.count >= share else { return }
        others.min { ($0.evictionCost, $0.number) < ($1.evictionCost, $1.number) }?.end(for: .overload)
    }

    /// Forgets a connection, which has ended.
    func remove(_ connection: Connection) {
        connections.swapAt(connection.index, connections.count - 1)
        connections[connection.index].index = connection.index
        connections.removeLast()
        guard connections.isEmpty else { return }
        nextSweep?.cancel()
        nextSweep = nil
    }

    /// Ends every connection.
    func closeAll() {
        for connection in connections { connection.end(for: .drainTimeout) }
    }

    private func scheduleSweep() {
        nextSweep = eventLoop.assumeIsolated().scheduleTask(in: limits.deadlines.interval) {
            self.scheduleSweep()
            self.sweep(at: self.limits.deadlines.now())
        }
    }

    private func sweep(at now: NIODeadline) {
        // A copy: those that are closed leave the list meanwhile.
        let present = credentials?.present
        for connection in connections { connection.checkDeadlines(at: now, present) }
        guard let waiting = counter.waiting else { return }
        let eviction = ConnectionEviction(limits: limits.connections, interval: limits.deadlines.interval)
        let all = connections
        let activities = all.map { $0.activity(at: now) }
        for index in eviction.evicted(from: activities, for: waiting.count, waiting: now - waiting.since) {
            all[index].end(for: .overload)
        }
    }
}
