// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import NIOCore
import TestSupport
import Testing

@testable import HTTPTransport

@Suite("More connections than there may be")
struct ConnectionLimitTests {
    private static let request = "GET /health HTTP/1.1\r\nHost: a\r\n\r\n"

    private static func limits(_ clock: TestClock = TestClock(), _ change: (inout ConnectionLimits) -> Void) -> Limits {
        var limits = Limits()
        limits.deadlines.now = { clock.now() }
        limits.deadlines.interval = .milliseconds(20)
        change(&limits.connections)
        return limits
    }

    @Test("wait, and are answered when others have ended")
    func wait() async throws {
        let limits = Self.limits { $0.count = 2 }
        try await LiveServer.with(.of(["plugin.wasm": WasmModule.empty]), limits: limits) { server in
            let holders = [
                try await RawConnection.open(port: server.port), try await RawConnection.open(port: server.port),
            ]
            await server.observer.awaitEvent(.acceptingPaused(.connectionLimit))
            async let waiting = RawConnection.exchange(
                "GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                port: server.port
            )
            for holder in holders {
                try await holder.send(Self.request)
                try await holder.awaitFirstBytes()
            }
            #expect(server.observer.exchanges.count == 2)
            try await holders[0].closeOutput()
            _ = try await holders[0].everything()
            #expect(try await waiting.contains("Healthy"))
            try await holders[1].closeOutput()
            _ = try await holders[1].everything()
        }
    }

    @Test("take the place of those that never asked for anything, and not of those that did")
    func newcomersMakeRoom() async throws {
        let clock = TestClock(step: .milliseconds(50))
        let limits = Self.limits(clock) { $0.count = 3 }
        try await LiveServer.with(.of(["plugin.wasm": WasmModule.empty]), limits: limits) { server in
            let gateway = try await RawConnection.open(port: server.port)
            try await gateway.send(Self.request)
            try await gateway.awaitFirstBytes()
            for _ in 0..<2 { _ = try await RawConnection.open(port: server.port) }
            let observer = server.observer
            clock.run { !observer.events.contains(.cut(.overload)) }
            async let reply = server.fetch(TestRequest("GET", "/health"), over: .http1)
            #expect(try await reply.status == 200)
            #expect(observer.events.contains(.cut(.overload)))
            try await gateway.send(Self.request)
            try await gateway.closeOutput()
            let replies = String(decoding: try await gateway.everything(), as: UTF8.self)
            #expect(replies.ranges(of: "HTTP/1.1 200 OK").count == 2)
        }
    }

    @Test("take the place of those that have been idle for the longest, if all have asked")
    func idleMakeRoom() async throws {
        let clock = TestClock(step: .milliseconds(50))
        let limits = Self.limits(clock) { $0.count = 2 }
        try await LiveServer.with(.of(["plugin.wasm": WasmModule.empty]), limits: limits) { server in
            for _ in 0..<2 {
                let gateway = try await RawConnection.open(port: server.port)
                try await gateway.send(Self.request)
                try await gateway.awaitFirstBytes()
            }
            let observer = server.observer
            clock.run { !observer.events.contains(.cut(.overload)) }
            async let reply = server.fetch(TestRequest("GET", "/health"), over: .http1)
            #expect(try await reply.status == 200)
            #expect(observer.events.contains(.cut(.overload)))
        }
    }

    @Test("of one address are closed at once where that is limited, and leave room when they end")
    func perAddress() async throws {
        let limits = Self.limits { $0.countPerAddress = 1 }
        try await LiveServer.with(.of(["plugin.wasm": WasmModule.empty]), limits: limits) { server in
            let first = try await RawConnection.open(port: server.port)
            try await first.send(Self.request)
            try await first.awaitFirstBytes()
            let second = try await RawConnection.open(port: server.port)
            #expect(((try? await second.everything()) ?? []).isEmpty)
            #expect(server.observer.events.contains(.refused(.addressLimit)))
            try await first.closeOutput()
            _ = try await first.everything()
            await server.observer.awaitEvent(.closed)
            #expect(try await server.fetch(TestRequest("GET", "/health"), over: .http1).status == 200)
        }
    }
}
