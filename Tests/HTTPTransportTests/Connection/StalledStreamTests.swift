// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import HTTPSemantics
import HTTPService
import NIOCore
import NIOHTTP2
import TestSupport
import Testing

@testable import HTTPProtocol
@testable import HTTPTransport

/// The floor of one answer: 16 KiB in any 20 s, unless it is the connection or another answer that keeps it waiting.
@Suite("An HTTP/2 stream whose client allows nothing to be sent", .timeLimit(.minutes(5)))
struct StalledStreamTests {
    @Test("loses that answer while others on its connection are taken, and they go on")
    func reset() async throws {
        let clock = TestClock(step: .seconds(5))
        var limits = Limits()
        limits.deadlines.now = { clock.now() }
        limits.deadlines.roundTrip = .zero
        limits.deadlines.interval = .milliseconds(20)
        let module = WasmModule.ofSize(32 << 10)
        try await LiveServer.with(.of(["plugin.wasm": module]), limits: limits) { server in
            let connection = try await server.connect(over: .h2c)
            try await connection.send(
                HTTP2Frames.openingWithoutWindow + HTTP2Frames.settingsAcknowledgement
                    + HTTP2Frames.frame(0x8, payload: [0x7f, 0xff, 0, 0]) + HTTP2Frames.get("/plugin.wasm", stream: 1)
            )
            // What the client takes meanwhile satisfies the floor of the connection.
            for stream in stride(from: 3, through: 1001, by: 2) {
                let update = HTTP2Frames.frame(0x8, stream: stream, payload: [0, 1, 0, 0])
                try await connection.send(HTTP2Frames.get("/plugin.wasm", stream: stream) + update)
                try await connection.awaitReceived { HTTP2Frames($0).content(ofStream: stream) == module }
                guard server.observer.exchanges.allSatisfy(\.isComplete) else { break }
                clock.advance()
            }
            // CANCEL (RFC 9113 §7).
            try await connection.awaitReceived { HTTP2Frames($0).resets == [1: 8] }
            #expect(server.observer.exchanges.filter { !$0.isComplete }.count == 1)
            #expect(server.observer.events.allSatisfy { $0 == .opened })
            try await connection.closeOutput()
            _ = try await connection.everything()
        }
    }
}
