// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics
internal import NIOCore

/// The connections of a listener on one event loop, and the deadlines that their clients keep.
///
/// A few times a second it looks at all of them, which costs a request nothing. There is no timer for a connection, let
/// alone for a byte.
final class ConnectionWatch {
    /// How many answers on HTTP/2 connections are being sent.
    var answersUnderWay = 0

    private let eventLoop: any EventLoop
    /// What its connections share.
    let exchanges: Exchanges
    private let population: Population
    private var connections: [Connection] = []
    private var nextSweep: Scheduled<Void>?

    /// The share of idle connections that makes room when nobody else can.
    private static let idleShare = 8

    /// A watch.
    ///
    /// - Parameters:
    ///   - eventLoop: The loop of its connections.
    ///   - exchanges: What its connections share.
    ///   - population: Tells whether there is room for more connections.
    init(on eventLoop: any EventLoop, exchanges: Exchanges, population: Population) {
        self.eventLoop = eventLoop
        self.exchanges = exchanges
        self.population = population
    }

    private var limits: Limits { exchanges.limits }

    /// Begins to look at a connection.
    func add(_ connection: Connection) {
        connection.watch = self
        connection.index = connections.count
        connections.append(connection)
        if nextSweep == nil { scheduleSweep() }
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
    func cutAll() {
        for connection in connections { connection.end(for: .drainTimeout) }
    }

    private func scheduleSweep() {
        nextSweep = eventLoop.assumeIsolated().scheduleTask(in: limits.deadlines.interval) {
            self.scheduleSweep()
            self.sweep(at: self.limits.deadlines.now())
        }
    }

    private func sweep(at now: NIODeadline) {
        // A copy: those that are cut leave the list meanwhile.
        for connection in connections { connection.look(at: now) }
        if let since = population.fullSince { makeRoom(at: now, fullFor: now - since) }
    }

    /// Ends the connections that nobody will miss: those that never asked for anything.
    ///
    /// If there is still no room when all watches have had the time to do that, it is the connections that have been idle
    /// for the longest.
    private func makeRoom(at now: NIODeadline, fullFor time: TimeAmount) {
        let grace = limits.connections.newcomerGrace
        let waiting = connections.compactMap { connection in
            connection.waiting(at: now).map { (connection: connection, hasAsked: $0.hasAsked, time: $0.time) }
        }
        for one in waiting where !one.hasAsked && one.time >= grace { one.connection.end(for: .overload) }

        let timeForNewcomers = grace + limits.deadlines.interval
        guard time > timeForNewcomers + timeForNewcomers else { return }
        let idle = waiting.filter(\.hasAsked).sorted { $0.time > $1.time }
        for one in idle.prefix((idle.count + Self.idleShare - 1) / Self.idleShare) {
            one.connection.end(for: .overload)
        }
    }
}
