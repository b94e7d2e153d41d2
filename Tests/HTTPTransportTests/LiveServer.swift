// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import Logging
import ModuleCatalog
import ServiceLifecycle
import Synchronization
import TestSupport
import WasmService

@testable import HTTPTransport

/// A server on a free port of the loopback interface, for the length of a test.
struct LiveServer: Sendable {
    let port: Int
    let observer: Recorder
    private let group: ServiceGroup

    /// When it is for these tests.
    static let now = HTTPDate(seconds: 1_795_000_000)

    /// Serves a snapshot while `body` runs, and drains afterwards.
    static func with<Result: Sendable>(
        _ snapshot: Snapshot,
        limits: Limits = .timeless,
        _ body: nonisolated(nonsending) (LiveServer) async throws -> Result
    ) async throws -> Result {
        let observer = Recorder()
        let server = try await HTTPServer.bind(
            Endpoint(host: "127.0.0.1", port: 0),
            responder: WasmService(serving: snapshot, now: { Self.now }),
            observer: observer,
            limits: limits,
            drainTimeout: .seconds(30),
            now: { Self.now }
        )
        let group = ServiceGroup(services: [server], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        async let running: Void = group.run()
        do {
            let result = try await body(LiveServer(port: server.port, observer: observer, group: group))
            await group.triggerGracefulShutdown()
            try await running
            return result
        } catch {
            await group.triggerGracefulShutdown()
            try? await running
            throw error
        }
    }

    /// Begins to drain while the test goes on.
    func beginShutdown() async {
        await group.triggerGracefulShutdown()
    }

    /// Fetches over a protocol.
    func fetch(_ request: TestRequest, over wire: WireProtocol) async throws -> TestReply {
        try await HTTPClient.fetch(request, port: port, over: wire)
    }

    /// Remembers every exchange, and what happened to connections.
    final class Recorder: ExchangeObserver, ConnectionObserver {
        private let recorded = Mutex<[Exchange]>([])
        private let told = Mutex<Told>(Told())

        private struct Told {
            var events: [ConnectionEvent] = []
            var waiting: [(event: ConnectionEvent, continuation: CheckedContinuation<Void, Never>)] = []
        }

        var events: [ConnectionEvent] { told.withLock { $0.events } }

        /// Waits until something has happened to a connection.
        func awaitEvent(_ event: ConnectionEvent) async {
            await withCheckedContinuation { continuation in
                let hasHappened = told.withLock { told in
                    if !told.events.contains(event) { told.waiting.append((event, continuation)) }
                    return told.events.contains(event)
                }
                if hasHappened { continuation.resume() }
            }
        }

        var exchanges: [Exchange] { recorded.withLock { $0 } }

        func exchangeEnded(_ exchange: Exchange) {
            recorded.withLock { $0.append(exchange) }
        }

        func connectionChanged(_ event: ConnectionEvent, client: String?, identity: String?) {
            let waiting = told.withLock { told in
                told.events.append(event)
                let waiting = told.waiting.filter { $0.event == event }
                told.waiting.removeAll { $0.event == event }
                return waiting
            }
            for (_, continuation) in waiting { continuation.resume() }
        }
    }
}

extension Limits {
    /// The defaults, with a clock that stands still: however busy the machine is, no deadline passes.
    static var timeless: Limits {
        let clock = TestClock()
        var limits = Limits()
        limits.deadlines.now = { clock.now() }
        return limits
    }
}

extension Snapshot {
    /// A snapshot of modules by their paths.
    static func of(_ modules: [String: [UInt8]]) throws -> Snapshot {
        try Catalog(
            sources: modules.map { .embedded(try ModulePath($0.key), $0.value) },
            maximumModuleSize: 1 << 30
        ).load()
    }
}
