// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import HTTPService
import NIOCore
import TestSupport
import Testing

@testable import HTTPProtocol
@testable import HTTPTransport

@Suite("More connections than there may be", .timeLimit(.minutes(5)))
struct ConnectionLimitTests {
    private static let request = "GET /health HTTP/1.1\r\nHost: a\r\n\r\n"

    private static func limits(_ clock: TestClock = TestClock(), _ change: (inout ConnectionLimits) -> Void) -> Limits {
        var limits = Limits()
        limits.deadlines.now = { clock.now() }
        limits.deadlines.roundTrip = .zero
        limits.deadlines.interval = .milliseconds(20)
        change(&limits.connections)
        return limits
    }

    @Test("wait, and are answered when others have ended")
    func wait() async throws {
        let limits = Self.limits { $0.count = 2 }
        try await LiveServer.with(.of(["plugin.wasm": WasmModule.plugin]), limits: limits) { server in
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

    @Test("never become more, however often one leaves while others wait")
    func neverMore() async throws {
        let limits = Self.limits { $0.count = 8 }
        try await LiveServer.with(.of(["plugin.wasm": WasmModule.plugin]), limits: limits) { server in
            try await withThrowingTaskGroup { clients in
                for _ in 0..<64 {
                    clients.addTask {
                        // Each but the first eight waits, and is let in when another has left.
                        try await RawConnection.exchange(
                            "GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                            port: server.port
                        )
                    }
                }
                for try await reply in clients { #expect(reply.contains("Healthy")) }
            }
            await server.observer.awaitEvent(.closed, count: 64)
            var open = 0
            var most = 0
            for event in server.observer.events {
                if event == .opened { open += 1 }
                if event == .closed { open -= 1 }
                most = max(most, open)
            }
            // An event loop makes room first, and tells then that a connection has ended.
            #expect((8...8 + System.coreCount).contains(most))
        }
    }

    @Test("have room made for them though others come and go all the time")
    func amongOthersThatComeAndGo() async throws {
        let clock = TestClock(step: .milliseconds(5))
        let limits = Self.limits(clock) { $0.count = 2 }
        try await LiveServer.with(.of(["plugin.wasm": WasmModule.plugin]), limits: limits) { server in
            let holder = try await RawConnection.open(port: server.port)
            try await holder.send(Self.request)
            try await holder.awaitFirstBytes()
            clock.run()
            await withTaskGroup { others in
                for _ in 0..<8 {
                    others.addTask {
                        while !Task.isCancelled {
                            // On a busy machine one may be so late with its request that it makes room itself.
                            _ = try? await RawConnection.exchange(
                                "GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                                port: server.port
                            )
                        }
                    }
                }
                // It has been idle, and is reset to make room; for its idleness alone it would be closed in order.
                await #expect(throws: (any Error).self) { try await holder.everything() }
                others.cancelAll()
            }
            #expect(server.observer.events.contains(.closedByServer(.overload)))
        }
    }

    @Test("take the place of those that never asked for anything, and not of those that did")
    func newcomersMakeRoom() async throws {
        // So slow that no event loop takes an idle one before another has seen those that never asked.
        let clock = TestClock(step: .milliseconds(2))
        let limits = Self.limits(clock) { $0.count = 3 }
        try await LiveServer.with(.of(["plugin.wasm": WasmModule.plugin]), limits: limits) { server in
            let gateway = try await RawConnection.open(port: server.port)
            try await gateway.send(Self.request)
            try await gateway.awaitFirstBytes()
            for _ in 0..<2 { _ = try await RawConnection.open(port: server.port) }
            let observer = server.observer
            // Connected is not accepted: who comes before the last of them is would be accepted with it.
            await observer.awaitEvent(.acceptingPaused(.connectionLimit))
            clock.run { !observer.events.contains(.closedByServer(.overload)) }
            async let reply = server.fetch(TestRequest("GET", "/health"), over: .http1)
            #expect(try await reply.status == 200)
            #expect(observer.events.contains(.closedByServer(.overload)))
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
        try await LiveServer.with(.of(["plugin.wasm": WasmModule.plugin]), limits: limits) { server in
            for _ in 0..<2 {
                let gateway = try await RawConnection.open(port: server.port)
                try await gateway.send(Self.request)
                try await gateway.awaitFirstBytes()
            }
            let observer = server.observer
            clock.run { !observer.events.contains(.closedByServer(.overload)) }
            async let reply = server.fetch(TestRequest("GET", "/health"), over: .http1)
            #expect(try await reply.status == 200)
            #expect(observer.events.contains(.closedByServer(.overload)))
        }
    }

    @Test("take the place of those that take their answers slowest")
    func slowReadersMakeRoom() async throws {
        let clock = TestClock(step: .milliseconds(50))
        let limits = Self.limits(clock) { $0.count = 2 }
        let module = WasmModule.ofSize(24 << 20)
        try await LiveServer.with(.of(["plugin.wasm": module]), limits: limits) { server in
            let slow = [
                try await server.beginDownload("/plugin.wasm", over: .http1),
                try await server.beginDownload("/plugin.wasm", over: .http1),
            ]
            let observer = server.observer
            clock.run { !observer.events.contains(.closedByServer(.overload)) }
            async let reply = server.fetch(TestRequest("GET", "/health"), over: .http1)
            #expect(try await reply.status == 200)
            #expect(observer.events.contains(.closedByServer(.overload)))
            #expect(!observer.events.contains(.closedByServer(.stalledReader)))
            for download in slow { _ = try? await download.finish() }
        }
    }

    @Test(
        "take the place of those that do not take their last answer, or have taken it and do not end",
        arguments: [
            "GET /plugin.wasm HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
            "GET /health HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n",
        ]
    )
    func endingMakeRoom(_ last: String) async throws {
        let clock = TestClock(step: .milliseconds(20))
        // Alone, it does not have more connections than others.
        let limits = Self.limits(clock) { $0.count = 1 }
        // More than the client takes, and less than the system does.
        let module = WasmModule.ofSize(200 << 10)
        try await LiveServer.with(.of(["plugin.wasm": module]), limits: limits) { server in
            let holder = try await RawConnection.open(port: server.port, stalling: true, staying: true)
            try await holder.send(last)
            try await holder.awaitFirstBytes()
            let observer = server.observer
            clock.run { !observer.events.contains(.closedByServer(.overload)) }
            async let reply = server.fetch(TestRequest("GET", "/health"), over: .http1)
            #expect(try await reply.status == 200)
            #expect(observer.events.contains(.closedByServer(.overload)))
            withExtendedLifetime(holder) {}
        }
    }

    @Test("leave those that are there in peace as long as nobody waits")
    func nobodyWaits() async throws {
        let clock = TestClock()
        let limits = Self.limits(clock) { $0.count = 2 }
        try await LiveServer.with(.of(["plugin.wasm": WasmModule.plugin]), limits: limits) { server in
            let holders = [try await server.connect(over: .http1), try await server.connect(over: .http1)]
            for holder in holders {
                try await holder.send(Array(Self.request.utf8))
                try await holder.awaitFirstBytes()
            }
            await server.observer.awaitEvent(.acceptingPaused(.connectionLimit))
            let observer = server.observer
            // Until the deadline of idle connections, which is long after it was full.
            clock.run { observer.events.count { $0 == .closedByServer(.idleTimeout) } < 2 }
            for holder in holders { _ = try await holder.everything() }
            #expect(!observer.events.contains(.closedByServer(.overload)))
        }
    }

    @Test("at a port of probes take the place of the oldest that asked for nothing, at once")
    func probes() async throws {
        var limits = Limits.ofProbes(connections: 8)
        // The scraper must not be idle for too long on a busy machine.
        limits.deadlines = Limits.timeless.deadlines
        try await LiveServer.with(.of(["plugin.wasm": WasmModule.plugin]), limits: limits) { server in
            let scraper = try await RawConnection.open(port: server.port)
            try await scraper.send(Self.request)
            try await scraper.awaitFirstBytes()
            for _ in 0..<40 {
                let silent = try await RawConnection.open(port: server.port)
                // It may have been replaced by then.
                try? await silent.send("GET /")
            }
            #expect(try await server.fetch(TestRequest("GET", "/health"), over: .http1).status == 200)
            #expect(server.observer.events.contains(.closedByServer(.overload)))
            #expect(!server.observer.events.contains(.acceptingPaused(.connectionLimit)))
            try await scraper.send(Self.request)
            try await scraper.closeOutput()
            let replies = String(decoding: try await scraper.everything(), as: UTF8.self)
            #expect(replies.ranges(of: "HTTP/1.1 200 OK").count == 2)
        }
    }

    @Test("at a port of probes are replaced by those that come, though many come at once")
    func burstOfProbes() async throws {
        try await LiveServer.with(.of(["plugin.wasm": WasmModule.plugin]), limits: .ofProbes(connections: 8)) {
            server in
            // Each asks, keeps its connection, and is replaced by others, perhaps before it knows that it is connected.
            await withTaskGroup { clients in
                for _ in 0..<200 {
                    clients.addTask {
                        guard let connection = try? await RawConnection.open(port: server.port) else { return }
                        try? await connection.send(Self.request)
                        try? await connection.awaitFirstBytes()
                    }
                }
            }
            // Each event loop keeps its share of them, or the fewest that it may have.
            let loops = NIOSingletons.groupLoopCountSuggestion
            await server.observer.awaitEvent(.closed, count: 200 - loops * max(8 / loops, 4))
            #expect(server.observer.events.count { $0 == .opened } == 200)
            let reply = try await server.fetch(TestRequest("GET", "/health"), over: .http1)
            #expect(reply.status == 200)
        }
    }

    @Test("of one address are closed at once where that is limited, and leave room when they end")
    func perAddress() async throws {
        let limits = Self.limits { $0.countPerAddress = 1 }
        try await LiveServer.with(.of(["plugin.wasm": WasmModule.plugin]), limits: limits) { server in
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
