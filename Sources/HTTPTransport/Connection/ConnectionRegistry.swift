// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Credentials
internal import HTTPProtocol
internal import HTTPService

/// The connections of a listener on one thread, and the deadlines that their clients keep.
///
/// A few times a second it looks at all of them, which costs a request nothing. There is no timer for a connection, let
/// alone for a byte.
final class ConnectionRegistry {
    /// Has something done on the thread after a time.
    typealias Schedule = (Duration, @escaping () -> Void) -> Void

    /// How many answers on HTTP/2 connections are being sent.
    var answersUnderWay = 0
    /// What its connections share.
    let listener: ListenerContext
    /// What a connection has to send that can be sent at once; there is one of them at a time.
    let output = OutputQueue()
    /// What those of its connections share that speak HTTP/2.
    let http2: HTTP2ListenerContext

    private let counter: ConnectionCounter
    /// What connections are authenticated with; nil at a plain port.
    private let credentials: TLSCredentials?
    /// Has something done on its thread after a time.
    let schedule: Schedule
    private let threadCount: Int
    private var connections: [Connection] = []
    private var isSweeping = false
    /// Whether each connection ends as soon as that loses nothing.
    private var isDraining = false
    private var whenEmpty: (() -> Void)?
    /// How many connections there ever were.
    private var seen = 0
    /// How many there may be where a newcomer replaces another: those of other threads cannot be chosen from.
    private let share: Int
    /// How much older than others the last connection may grow.
    private var spread: Duration
    /// The most of it, and what lies between one and the next.
    private let (mostSpread, spreadStep): (Duration, Duration)

    /// The least that a thread may have, however many there are: a newcomer, and some that it need not replace.
    private static let smallestShare = 4
    /// How much older than another a connection may grow, as a share of the age.
    private static let spreadShare = 0.1
    /// What lies between one connection's spread and the next, as a share of the most: by the golden ratio, no few of them are ever
    /// close.
    private static let goldenRatio = 0.618_033_988_749_895

    /// An empty registry for the connections of one of so many threads; `credentials` are nil at a plain port.
    init(
        of threadCount: Int,
        listener: ListenerContext,
        counter: ConnectionCounter,
        credentials: TLSCredentials? = nil,
        schedule: @escaping Schedule
    ) {
        (self.listener, self.counter, self.credentials, self.schedule) = (listener, counter, credentials, schedule)
        http2 = HTTP2ListenerContext(listener)
        self.threadCount = threadCount
        mostSpread = listener.limits.deadlines.age * Self.spreadShare
        spreadStep = mostSpread * Self.goldenRatio
        spread = mostSpread * Double.random(in: 0..<1)
        share = max(listener.limits.connections.count / threadCount, Self.smallestShare)
    }

    private var limits: Limits { listener.limits }

    /// How much older than others the next connection may grow, up to a tenth of the age: those that began together should not end
    /// together.
    func nextSpread() -> Duration {
        spread += spreadStep
        if spread >= mostSpread { spread -= mostSpread }
        return spread
    }

    /// Begins to look at a connection.
    func add(_ connection: Connection) {
        seen += 1
        connection.number = seen
        var list = takeList()
        connection.index = list.count
        list.append(connection)
        swap(&list, &connections)
        connection.tell(.opened)
        if !isSweeping { scheduleSweep() }
        if limits.connections.whenFull == .replace { replaceOne(by: connection) }
        if isDraining { connection.end(.shutdown) }
    }

    /// Ends one connection if there are too many: first of those who have asked for nothing, then of those who are
    /// idle, the oldest of each.
    private func replaceOne(by newcomer: Connection) {
        guard connections.count > share else { return }
        connections.filter { $0 !== newcomer }.min { ($0.evictionCost, $0.number) < ($1.evictionCost, $1.number) }?
            .end(for: .overload)
    }

    /// Forgets a connection, which has ended.
    func remove(_ connection: Connection) {
        var list = takeList()
        list.swapAt(connection.index, list.count - 1)
        list[connection.index].index = connection.index
        list.removeLast()
        swap(&list, &connections)
        if connections.isEmpty { whenEmpty?() }
    }

    /// Ends every connection as soon as that loses nothing, and each that comes.
    func beginDrain() {
        guard !isDraining else { return }
        isDraining = true
        for connection in connections { connection.end(.shutdown) }
    }

    /// Takes the list of connections out while it is changed.
    private func takeList() -> [Connection] {
        var taken: [Connection] = []
        swap(&taken, &connections)
        return taken
    }

    /// Ends every connection as soon as that loses nothing; calls `whenEmpty` when there is none.
    func drain(_ whenEmpty: @escaping () -> Void) {
        beginDrain()
        guard !connections.isEmpty else { return whenEmpty() }
        self.whenEmpty = whenEmpty
    }

    /// Ends every connection.
    func closeAll() {
        for connection in connections { connection.end(for: .drainTimeout) }
    }

    private func scheduleSweep() {
        isSweeping = true
        schedule(limits.deadlines.interval) { [weak self] in self?.sweep() }
    }

    private func sweep() {
        isSweeping = false
        guard !connections.isEmpty else { return }
        scheduleSweep()
        let now = limits.deadlines.now()
        // Copies: those that are closed leave the list meanwhile.
        let present = credentials?.present
        for connection in connections { connection.checkDeadlines(at: now, present) }
        guard let waiting = counter.waiting else { return }
        let eviction = ConnectionEviction(
            limits: limits.connections,
            interval: limits.deadlines.interval,
            fairShare: limits.connections.count / threadCount
        )
        let all = connections
        let activities = all.map { $0.activity(at: now) }
        for index in eviction.evicted(from: activities, for: waiting.count, waiting: now - waiting.since) {
            all[index].end(for: .overload)
        }
    }
}
