// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import HTTPService
import NIOCore
import Synchronization
import TestSupport

@testable import Credentials
@testable import HTTPProtocol
@testable import HTTPTransport

/// A server that demands certificates of its clients, and files that a test changes.
final class OutdatedScene: Sendable {
    typealias Pairs = (first: TestCertificates.Pair, second: TestCertificates.Pair)

    /// Who vouches for clients; both are trusted at first.
    let authorities: Pairs
    /// A client of each, of which the first one's certificate expires before anything else.
    let clients: Pairs
    let credentials: TLSCredentials
    let server: LiveServer
    /// For deadlines.
    let clock: TestClock
    private let folder: TemporaryFolder
    private let make: TestCertificates
    private let seconds: WallClock

    /// Seconds since 1970, for certificates.
    private final class WallClock: Sendable {
        let now = Mutex<Int64>(1_800_000_000)
    }

    private init(
        _ folder: TemporaryFolder,
        _ authorities: Pairs,
        _ clients: Pairs,
        _ credentials: TLSCredentials,
        _ server: LiveServer,
        _ clock: TestClock,
        _ seconds: WallClock
    ) {
        (self.authorities, self.clients, self.credentials, self.server) = (authorities, clients, credentials, server)
        (self.clock, self.folder, self.seconds, make) = (clock, folder, seconds, TestCertificates(in: folder))
    }

    /// Serves while `body` runs.
    ///
    /// - Parameters:
    ///   - module: What is served as `/plugin.wasm`.
    ///   - allowing: Which clients may fetch; none stands for all.
    ///   - spread: Within which time connections are told to end.
    ///   - body: Is given the scene.
    /// - Throws: What `body` does, or if the server cannot be started or stopped.
    static func with(
        _ module: [UInt8] = WasmModule.plugin,
        allowing: [String] = [],
        spread: Duration = Deadlines().outdatedSpread,
        _ body: nonisolated(nonsending) (OutdatedScene) async throws -> Void
    ) async throws {
        try await TemporaryFolder.with { folder in
            let make = TestCertificates(in: folder)
            let authorities = Pairs(
                try await make.authority("first", valid: .long),
                try await make.authority("second", valid: .long)
            )
            let clients = Pairs(
                try await make.issue("one", by: authorities.first),
                try await make.issue("two", by: authorities.second, valid: .long)
            )
            let pair = try await make.issue("server", by: authorities.first, valid: .long)
            let files = TLSFiles(
                certificateChain: pair.certificate,
                privateKey: pair.key,
                clientAuthorities: try await make.bundle(
                    "clients.pem",
                    [authorities.first.certificate, authorities.second.certificate]
                )
            )
            let seconds = WallClock()
            let credentials = try TLSCredentials(files) { seconds.now.withLock(\.self) }
            let security = TransportSecurity(
                credentials: credentials,
                allowedClients: AllowedClients(try allowing.map { try ClientIdentity($0) })
            )
            let clock = TestClock()
            try await LiveServer.with(
                .of(["plugin.wasm": module]),
                limits: limits(clock, spread),
                security: security
            ) { server in
                try await body(OutdatedScene(folder, authorities, clients, credentials, server, clock, seconds))
            }
        }
    }

    /// Deadlines that pass by the clock; a client may stall for as long as it likes.
    private static func limits(_ clock: TestClock, _ spread: Duration) -> Limits {
        var limits = Limits()
        limits.deadlines.now = { clock.now() }
        limits.deadlines.roundTrip = .zero
        limits.deadlines.interval = .milliseconds(20)
        limits.deadlines.stall = .seconds(3600)
        limits.deadlines.outdatedSpread = spread
        return limits
    }

    /// Whether any connection was cut.
    var hasCut: Bool {
        server.observer.events.contains { event in
            if case .closedByServer = event { true } else { false }
        }
    }

    /// Connects as a client.
    func connect(
        as pair: TestCertificates.Pair,
        over wire: WireProtocol,
        stalling: Bool = false
    ) async throws -> RawConnection {
        try await .open(port: server.securePort, over: wire, stalling: stalling, presenting: pair)
    }

    /// Has these authorities vouch for clients, and no other.
    func trust(_ authorities: [TestCertificates.Pair]) async throws {
        _ = try await make.bundle("clients.pem", authorities.map(\.certificate))
        _ = credentials.reload(tellingAll: false)
    }

    /// Gives the server another certificate and key.
    func renewPair() async throws {
        let pair = try await make.issue("renewed", by: authorities.first, valid: .long)
        for (new, name) in [(pair.certificate, "server.pem"), (pair.key, "server.key")] {
            _ = try await CommandLineTool.require(["mv", new, folder.path(name)])
        }
        _ = credentials.reload(tellingAll: false)
    }

    /// Has the present be behind the last second of the first client's certificate.
    func expireFirstClient() {
        seconds.now.withLock { $0 = TestCertificates.Validity.present.expiry + 1 }
        _ = credentials.reload(tellingAll: false)
    }
}
