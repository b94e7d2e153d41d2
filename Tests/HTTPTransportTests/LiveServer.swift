// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import HTTPService
import Logging
import ModuleCatalog
import ServiceLifecycle
import TestSupport
import WasmService

@testable import Credentials
@testable import HTTPProtocol
@testable import HTTPTransport

/// A plain and an encrypted listener on free ports of the loopback interface, for the length of a test.
struct LiveServer: Sendable {
    /// The plain port.
    let port: Int
    /// The port that speaks TLS.
    let securePort: Int
    let observer: Recorder
    private let group: ServiceGroup

    /// How many there may be at once, however many tests run.
    ///
    /// Each opens dozens of descriptors and has threads of its own.
    private static let places = AsyncSemaphore(places: 32)

    /// When it is for these tests.
    static let now = HTTPDate(seconds: 1_795_000_000)

    /// Serves a snapshot while `body` runs, and drains afterwards.
    ///
    /// - Parameters:
    ///   - snapshot: What is served, on both ports; made when there is a place for the server.
    ///   - limits: What clients may do.
    ///   - security: What makes the one port speak TLS; nil for a certificate that lets anyone in.
    ///   - body: Is given the server.
    /// - Returns: What `body` does.
    /// - Throws: What `body` does, or if the server cannot be started or stopped.
    static func with<Result: Sendable>(
        _ snapshot: @autoclosure () throws -> Snapshot,
        limits: Limits = .timeless,
        security: TransportSecurity? = nil,
        _ body: nonisolated(nonsending) (LiveServer) async throws -> Result
    ) async throws -> Result {
        try await with(
            responder: WasmService(serving: snapshot(), now: { now }).responder(),
            limits: limits,
            security: security,
            body
        )
    }

    /// Serves what a responder answers while `body` runs, and drains afterwards.
    static func with<Result: Sendable>(
        responder: @autoclosure () throws -> any Responder,
        limits: Limits = .timeless,
        security: TransportSecurity? = nil,
        _ body: nonisolated(nonsending) (LiveServer) async throws -> Result
    ) async throws -> Result {
        await places.wait()
        do {
            let result = try await serve(responder(), limits, security, body)
            await places.signal()
            return result
        } catch {
            await places.signal()
            throw error
        }
    }

    private static func serve<Result: Sendable>(
        _ responder: any Responder,
        _ limits: Limits,
        _ security: TransportSecurity?,
        _ body: nonisolated(nonsending) (LiveServer) async throws -> Result
    ) async throws -> Result {
        let observer = Recorder()
        func listen(_ security: TransportSecurity?) async throws -> HTTPServer {
            try await HTTPServer.bind(
                Endpoint(host: "127.0.0.1", port: 0),
                responder: { responder },
                observer: { observer },
                security: security,
                limits: limits,
                reading: FieldSelection(hasNegotiation: true),
                drainTimeout: .seconds(30),
                now: { Self.now }
            )
        }
        let secured = if let security { security } else { try await TransportSecurity.lettingAnyoneIn }
        let (plain, encrypted) = (try await listen(nil), try await listen(secured))
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let group = ServiceGroup(services: [plain, encrypted], logger: logger)
        async let running: Void = group.run()
        do {
            let result = try await body(
                LiveServer(port: plain.port, securePort: encrypted.port, observer: observer, group: group)
            )
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

    /// The port that speaks a protocol.
    func port(for wire: WireProtocol) -> Int { wire.isEncrypted ? securePort : port }

    /// Fetches over a protocol.
    func fetch(_ request: TestRequest, over wire: WireProtocol) async throws -> TestReply {
        try await HTTPClient.fetch(request, port: port(for: wire), over: wire)
    }

    /// Connects to the port that speaks a protocol.
    func connect(over wire: WireProtocol, stalling: Bool = false) async throws -> RawConnection {
        try await .open(port: port(for: wire), over: wire, stalling: stalling)
    }

    /// Asks for a path over a protocol, and waits until the answer has begun.
    func beginDownload(_ path: String, over wire: WireProtocol) async throws -> SlowDownload {
        try await .begin(path, port: port(for: wire), over: wire)
    }
}

extension Limits {
    /// The defaults, but that clients may take an hour for everything: however busy the machine is, no deadline passes.
    static var timeless: Limits {
        var limits = Limits()
        let hour = Duration.seconds(3600)
        limits.deadlines.handshake = hour
        limits.deadlines.head = hour
        limits.deadlines.idle = hour
        limits.deadlines.stall = hour
        limits.deadlines.dropped = hour
        limits.deadlines.outdated = hour
        return limits
    }
}

extension Snapshot {
    /// A snapshot of modules by their paths.
    static func of(_ modules: [String: [UInt8]]) throws -> Snapshot {
        try Catalog(
            sources: modules.map { .embedded(try ModulePath($0.key), $0.value) },
            maximumModuleSize: 1 << 30
        ).load(now: LiveServer.now.seconds)
    }
}
