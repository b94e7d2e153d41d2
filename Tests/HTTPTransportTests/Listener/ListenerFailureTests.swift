// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Glibc
import HTTPSemantics
import HTTPService
import NIOCore
import ServiceLifecycle
import TestSupport
import Testing

@testable import HTTPTransport

@Suite("A port that the system closes")
struct ListenerFailureTests {
    /// What swift-nio does when accept(2) fails with EPERM, as where a firewall forbids the connection.
    @Test("ends the server with the reason, so that it is started again")
    func accept() async throws {
        let observer = LiveServer.Recorder()
        let security = try await TransportSecurity.lettingAnyoneIn
        let server = try await HTTPServer.bind(
            Endpoint(host: "127.0.0.1", port: 0),
            responder: { PromisingResponder() },
            observer: { observer },
            security: security,
            limits: .timeless,
            drainTimeout: .seconds(30),
            now: { LiveServer.now }
        )
        let running = Task { try await server.run() }
        let channel = try #require(server.listenerPort as? ChannelPort).channel
        channel.pipeline.fireErrorCaught(IOError(errnoCode: EPERM, reason: "accept"))
        channel.close(promise: nil)
        let error = await #expect(throws: ListenerFailure.self) { try await running.value }
        let text = "\(try #require(error))"
        #expect(text.contains("127.0.0.1:\(server.port)"))
        #expect(text.contains("accept"))
        #expect(text.contains("errno: 1)"))
    }
}
