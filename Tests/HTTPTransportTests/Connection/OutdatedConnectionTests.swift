// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import HTTPService
import NIOCore
import TestSupport
import Testing

@testable import HTTPProtocol
@testable import HTTPTransport

/// Within a minute it ends as one does that has grown old: a certificate vouches for nobody whose authority was taken out, nor
/// after its last second (RFC 5280 §4.1.2.5).
@Suite("A connection whose credentials have changed or expired", .timeLimit(.minutes(5)))
struct OutdatedConnectionTests {
    private static let encrypted = WireProtocol.allCases.filter(\.isEncrypted)
    /// When each has been told to end, and when it has to be gone; a look may be a second late.
    private static let (told, gone) = (Duration.seconds(32), Duration.seconds(62))
    private static let request = "GET /health HTTP/1.1\r\nHost: a\r\n\r\n"

    /// Asks for something, and waits for the answer's beginning.
    private static func ask(
        _ scene: OutdatedScene,
        for path: String = "/health",
        as pair: TestCertificates.Pair,
        over wire: WireProtocol,
        stalling: Bool = false
    ) async throws -> RawConnection {
        let connection = try await scene.connect(as: pair, over: wire, stalling: stalling)
        let plainRequest = Array("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        try await connection.send(wire.isHTTP2 ? HTTP2Frames.opening + HTTP2Frames.get(path) : plainRequest)
        try await connection.awaitFirstBytes()
        return connection
    }

    /// Stalls a download, whose client's authority is then removed.
    private static func outdatedDownload(_ scene: OutdatedScene, over wire: WireProtocol) async throws -> RawConnection
    {
        let connection = try await ask(
            scene,
            for: "/plugin.wasm",
            as: scene.clients.first,
            over: wire,
            stalling: true
        )
        try await scene.trust([scene.authorities.second])
        return connection
    }

    @Test(
        "ends gracefully once an authority of clients is removed, whether its client may fetch or not",
        arguments: encrypted,
        [[], ["nobody.example"]]
    )
    func authorityRemoved(_ wire: WireProtocol, _ allowing: [String]) async throws {
        try await OutdatedScene.with(allowing: allowing) { scene in
            let connection = try await Self.ask(scene, as: scene.clients.first, over: wire)
            await scene.server.observer.awaitExchanges(1)
            try await scene.trust([scene.authorities.second])
            scene.clock.run(for: Self.told)
            let bytes = try await connection.everything()
            if wire.isHTTP2 { #expect(HTTP2Frames(bytes).goAwayLastStreams == [0x7fff_ffff, 1]) }
            #expect(!scene.hasCut)
        }
    }

    @Test("ends gracefully once the server has another certificate", arguments: encrypted)
    func pairRenewed(_ wire: WireProtocol) async throws {
        try await OutdatedScene.with { scene in
            let connection = try await Self.ask(scene, as: scene.clients.first, over: wire)
            await scene.server.observer.awaitExchanges(1)
            try await scene.renewPair()
            scene.clock.run(for: Self.told)
            _ = try await connection.everything()
            #expect(!scene.hasCut)
        }
    }

    @Test("has its download finished whole, and ends behind it", arguments: encrypted)
    func download(_ wire: WireProtocol) async throws {
        let module = WasmModule.ofSize(24 << 20)
        try await OutdatedScene.with(module) { scene in
            let connection = try await Self.outdatedDownload(scene, over: wire)
            await scene.clock.pass(Self.told)
            try await connection.resume()
            let bytes = try await connection.everything()
            let isWhole = wire.isHTTP2 ? HTTP2Frames(bytes).content(ofStream: 1) == module : bytes.ends(with: module)
            #expect(isWhole)
            #expect(!scene.hasCut)
        }
    }

    @Test("is cut after a minute if its client does not take its download", arguments: encrypted)
    func stalled(_ wire: WireProtocol) async throws {
        try await OutdatedScene.with(WasmModule.ofSize(24 << 20)) { scene in
            let connection = try await Self.outdatedDownload(scene, over: wire)
            scene.clock.run(for: Self.gone)
            await scene.server.observer.awaitEvent(.closedByServer(.outdatedCredentials))
            await #expect(throws: (any Error).self) {
                try await connection.resume()
                return try await connection.everything()
            }
        }
    }

    @Test("ends gracefully once its client's certificate has expired, and the others go on", arguments: encrypted)
    func clientExpired(_ wire: WireProtocol) async throws {
        try await OutdatedScene.with { scene in
            let expiring = try await Self.ask(scene, as: scene.clients.first, over: wire)
            let lasting = try await Self.ask(scene, as: scene.clients.second, over: .http1OverTLS)
            await scene.server.observer.awaitExchanges(2)
            scene.expireFirstClient()
            await scene.clock.pass(Self.told)
            _ = try await expiring.everything()
            try await lasting.send(Self.request)
            try await lasting.awaitReceived { String(decoding: $0, as: UTF8.self).ranges(of: "200 OK").count == 2 }
            #expect(!scene.hasCut)
        }
    }

    @Test("that has asked for nothing yet is answered once, and ends then", arguments: encrypted)
    func firstRequest(_ wire: WireProtocol) async throws {
        try await OutdatedScene.with(spread: .zero) { scene in
            let connection = try await scene.connect(as: scene.clients.first, over: wire)
            await scene.server.observer.awaitEvent(.handshakeCompleted)
            try await scene.trust([scene.authorities.second])
            // Less than it has for its first request.
            await scene.clock.pass(.seconds(5))
            try await connection.send(
                wire.isHTTP2 ? HTTP2Frames.opening + HTTP2Frames.get("/health") : Array(Self.request.utf8)
            )
            let text = String(decoding: try await connection.everything(), as: UTF8.self)
            #expect(text.contains("Healthy"))
            #expect(!scene.hasCut)
        }
    }

    @Test("does not end at the same time as all others")
    func spread() {
        let start = Moment.now
        let seconds = (0..<200).map { _ in
            var deadlineTracker = DeadlineTracker(acceptedAt: start, age: Deadlines().age)
            deadlineTracker.credentialsAreOutdated(at: start, Deadlines())
            return (0...30).first { deadlineTracker.isOld(at: start + .seconds($0) + .nanoseconds(1)) }
        }
        #expect(!seconds.contains(nil))
        #expect(Set(seconds).count > 10)
    }
}

extension [UInt8] {
    fileprivate func ends(with other: [UInt8]) -> Bool { suffix(other.count).elementsEqual(other) }
}
