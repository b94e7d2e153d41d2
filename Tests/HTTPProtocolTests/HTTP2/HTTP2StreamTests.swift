// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import HTTPService
import TestSupport
import Testing

@testable import HTTPProtocol

@Suite("A stream of HTTP/2")
struct HTTP2StreamTests {
    private typealias Client = ClientFrames

    private static func scene(limits: Limits = Limits()) throws -> HTTP2Scene {
        HTTP2Scene(["/": .text("a document"), "/module": try .module(WasmModule.ofSize(300_000))], limits: limits)
    }

    private static func get(_ path: String) -> [Client.Field] {
        Client.get.map { $0.name == ":path" ? (":path", path) : $0 }
    }

    // MARK: Answers before the end of requests

    @Test("that is answered before its request ends is not reset if the client is about to end it")
    func early() throws {
        let scene = try Self.scene()
        scene.send(Client.handshake + Client.headers(Client.post, endsStream: false))
        #expect(try scene.received.status(on: 1) == "405")
        #expect(scene.received.hasEnded(1))
        scene.passes(.milliseconds(750))
        scene.send(Client.data("test"))
        scene.passes(.seconds(5))
        #expect(scene.received.resets.isEmpty && scene.received.goAways.isEmpty)
    }

    // curl has not read the answer when it has sent the first 64 KiB.
    @Test("is not reset at once if the client has sent as much content as it may (RFC 9113 §8.1), but a second later")
    func goesOn() throws {
        let scene = try Self.scene()
        scene.send(Client.handshake + Client.headers(Client.post, endsStream: false))
        for _ in 0..<5 { scene.send(Client.data(String(repeating: "x", count: 13_107), endsStream: false)) }
        scene.passes(.milliseconds(750))
        #expect(scene.received.resets.isEmpty)
        scene.passes(.seconds(5))
        #expect(scene.received.of(0x3).map { [$0.stream, $0.number()] } == [[1, Client.noError]])
        #expect(scene.received.goAways.isEmpty)
    }

    @Test("that is answered makes room for others, though its request does not end")
    func answeredMakesRoom() throws {
        let scene = try Self.scene()
        scene.send(HTTP2Frames.opening + HTTP2Frames.settingsAcknowledgement)
        for stream in 0..<300 { scene.send(Client.headers(Client.post, on: 1 + 2 * stream, endsStream: false)) }
        #expect(scene.received.of(0x1).count == 300)
        #expect(scene.received.resets.values.allSatisfy { $0 == Client.noError })
        #expect(scene.observer.events.isEmpty && scene.connection.ending == nil)
    }

    @Test("is reset with NO_ERROR if the client does not end it within a second, and what is on its way is ignored")
    func endless() throws {
        let scene = try Self.scene()
        scene.send(Client.handshake + Client.headers(Client.post, endsStream: false))
        scene.passes(.seconds(1))
        #expect(scene.received.resets == [1: Client.noError])
        scene.send(Client.data("test", endsStream: false) + Client.headers([("x-test", "ok")]) + Client.ping())
        #expect(scene.received.resets.count == 1 && scene.received.goAways.isEmpty)
        #expect(scene.received.of(0x6).count == 1)
    }

    @Test("gets trailers that are on their way when its answer is complete, and harms no other (RFC 9113 §5.1)")
    func trailersInFlight() throws {
        let scene = try Self.scene()
        scene.send(Client.handshake + Client.initialWindow(1000) + Client.headers(Self.get("/module")))
        scene.send(Client.headers(Client.post, on: 3, endsStream: false))
        #expect(try scene.received.status(on: 3) == "405")
        // A literal with incremental indexing (RFC 7541 §6.2.1), which a later request refers to.
        let trailer = [0x40, 10] + Array("user-agent".utf8) + [5] + Array("agent".utf8)
        scene.send(Client.headers(block: trailer, on: 3))
        scene.send(Client.headers(block: Client.block(Client.get) + [0x80 | 62], on: 5))
        #expect(scene.answers.requests.last?.fields.userAgent == "agent")
        scene.send(Client.windowUpdate(1 << 20) + Client.windowUpdate(1 << 20, on: 1))
        #expect(scene.received.hasEnded(1) && scene.received.content(on: 1).count == 300_000)
        #expect(scene.received.resets.isEmpty && scene.received.goAways.isEmpty)
    }

    @Test("that was refused gets content and trailers that are on their way, and harms no other")
    func refusedInFlight() throws {
        var limits = Limits()
        limits.http2.streamsBeforeAcknowledgement = 1
        let scene = try Self.scene(limits: limits)
        scene.send(HTTP2Frames.preface + Client.initialWindow(0) + Client.headers(Self.get("/module")))
        let streams = stride(from: 3, through: 101, by: 2)
        for stream in streams { scene.send(Client.headers(Client.post, on: stream, endsStream: false)) }
        for stream in streams { scene.send(Client.data("test", on: stream, endsStream: false)) }
        for stream in streams { scene.send(Client.headers([("x-test", "ok")], on: stream)) }
        #expect(scene.received.resets == Dictionary(uniqueKeysWithValues: streams.map { ($0, Client.refusedStream) }))
        #expect(scene.received.goAways.isEmpty)
        #expect(scene.observer.events == streams.map { _ in .streamRefused })
    }

    // MARK: Content of requests

    @Test("may have content that nobody reads, however much of it comes on a connection")
    func discarded() throws {
        let scene = try Self.scene()
        scene.send(HTTP2Frames.opening + HTTP2Frames.settingsAcknowledgement)
        let content = String(repeating: "x", count: 16_000)
        for stream in stride(from: 1, to: 2000, by: 2) {
            scene.send(Client.headers(Client.post, on: stream, endsStream: false))
            for _ in 0..<4 { scene.send(Client.data(content, on: stream, endsStream: false)) }
        }
        #expect(scene.received.goAways.isEmpty)
        #expect(scene.received.of(0x1).count == 1000)
        #expect(scene.answersUnderWay == 0)
    }

    @Test("may have as much content as its window lets through, 65,535 bytes, and no more (RFC 9113 §6.9.1)")
    func clientWindow() throws {
        let scene = try Self.scene()
        // The answer is promised, so the stream stays open.
        scene.send(Client.handshake + Client.headers(Self.get("/later"), endsStream: false))
        for _ in 0..<4 { scene.send(Client.data(String(repeating: "x", count: 16_383), endsStream: false)) }
        scene.send(Client.data("xxx", endsStream: false))
        #expect(scene.received.resets.isEmpty)
        scene.send(Client.data("x", endsStream: false))
        #expect(scene.received.resets == [1: Client.flowControlError])
        #expect(scene.received.goAways.isEmpty)
    }

    @Test("counts padding against the window, too (RFC 9113 §6.9.1)")
    func padding() throws {
        let scene = try Self.scene()
        scene.send(Client.handshake + Client.headers(Self.get("/later"), endsStream: false))
        let padded = HTTP2Frames.frame(
            0x0,
            flags: 0x8,
            stream: 1,
            payload: [255, 1] + [UInt8](repeating: 0, count: 255)
        )
        for _ in 0..<255 { scene.send(padded) }
        #expect(scene.received.resets.isEmpty)
        scene.send(padded)
        #expect(scene.received.resets == [1: Client.flowControlError])
    }

    // MARK: Answers that come later

    @Test("whose answer comes later keeps no other waiting, and gets it when it comes")
    func later() throws {
        let scene = try Self.scene()
        scene.send(Client.handshake + Client.headers(Self.get("/later")) + Client.headers(on: 3))
        #expect(scene.received.hasEnded(3) && scene.received.of(0x1, on: 1).isEmpty)
        #expect(scene.connection.waitState == WaitState(request: nil, answers: 0))
        scene.passes(.seconds(30))
        scene.deliver(try .module(WasmModule.ofSize(20_000)), for: 1)
        #expect(scene.received.content(on: 1) == WasmModule.ofSize(20_000))
        #expect(scene.observer.exchanges.map(\.isComplete) == [true, true])
        // From the request on, not from the delivery.
        #expect(scene.observer.exchanges.last?.duration == .seconds(30))
        #expect(scene.connection.waitState == WaitState(request: 3, answers: 0))
    }

    @Test("that is reset before its answer comes gets none, and the answer counts until then")
    func resetBeforeAnswer() throws {
        var limits = Limits()
        (limits.http2.answers, limits.http2.answersPerEventLoop) = (2, 0)
        let scene = try Self.scene(limits: limits)
        scene.send(Client.handshake + Client.headers(Self.get("/a")) + Client.headers(Self.get("/b"), on: 3))
        scene.send(Client.reset(on: 3) + Client.headers(on: 5))
        #expect(scene.received.resets == [5: Client.refusedStream])
        scene.deliver(.text("b"), for: 3)
        scene.send(Client.headers(on: 7))
        scene.deliver(.text("a"), for: 1)
        #expect(scene.received.of(0x1).map(\.stream) == [7, 1])
        #expect(scene.observer.exchanges.map(\.isComplete) == [false, true, true])
        #expect(scene.answersUnderWay == 0)
    }

    @Test("is told as incomplete if its connection ends before the answer is sent, or before it comes")
    func connectionEnds() throws {
        let scene = try Self.scene()
        scene.socketRoom = 0
        scene.send(Client.handshake + Client.headers(Self.get("/later")) + Client.headers(Self.get("/module"), on: 3))
        scene.connection.connectionEnded(scene.turn)
        #expect(scene.observer.exchanges.map { $0.request?.path } == ["/module"])
        scene.deliver(.text("late"), for: 1)
        #expect(scene.observer.exchanges.map { $0.request?.path } == ["/module", "/later"])
        #expect(scene.observer.exchanges.map(\.isComplete) == [false, false])
        #expect(scene.answersUnderWay == 0)
    }

    @Test("that its client resets is told as incomplete at once, and others go on")
    func resetWhileSent() throws {
        let scene = try Self.scene()
        scene.send(Client.handshake + Client.headers(Self.get("/module")) + Client.reset() + Client.headers(on: 3))
        #expect(scene.observer.exchanges.map(\.isComplete) == [false, true])
        #expect(scene.received.hasEnded(3) && !scene.received.hasEnded(1))
        #expect(scene.received.resets.isEmpty)
    }

    // MARK: Limits of streams

    @Test(
        "is one of a thousand that a client may open before it knows the limit, and all are answered",
        arguments: [1, 9]
    )
    func flight(step: Int) throws {
        let scene = HTTP2Scene(["/module": try .module(WasmModule.ofSize(20_000))])
        scene.step = step
        let requests = (0..<1000).flatMap { Client.headers(Self.get("/module"), on: 1 + 2 * $0) }
        scene.send(HTTP2Frames.opening + requests)
        #expect((0..<1000).allSatisfy { scene.received.hasEnded(1 + 2 * $0) })
        #expect(scene.received.resets.isEmpty && scene.received.goAways.isEmpty)
        #expect(scene.observer.exchanges.count == 1000)
    }

    @Test("is refused beyond the limit that is let pass before SETTINGS are acknowledged")
    func beyond() throws {
        var limits = Limits()
        limits.http2.streamsBeforeAcknowledgement = 150
        let scene = try Self.scene(limits: limits)
        scene.send(HTTP2Frames.openingWithoutWindow)
        for stream in 0..<160 { scene.send(Client.headers(Self.get("/module"), on: 1 + 2 * stream)) }
        #expect(scene.received.resets.keys.sorted() == (150..<160).map { 1 + 2 * $0 })
        // The rest is sent to whoever makes room for it.
        scene.send(Client.initialWindow(1 << 20) + Client.windowUpdate(1 << 30))
        #expect((0..<150).allSatisfy { scene.received.content(on: 1 + 2 * $0).count == 300_000 })
    }

    @Test("is refused beyond the limit that is known, and the connection ends if that does not help")
    func violations() throws {
        let scene = try Self.scene()
        scene.send(HTTP2Frames.openingWithoutWindow + HTTP2Frames.settingsAcknowledgement)
        for stream in 0..<400 { scene.send(Client.headers(Self.get("/module"), on: 1 + 2 * stream)) }
        #expect(scene.received.of(0x1).count == 100)
        #expect(scene.received.resets.count == 201)
        #expect(scene.received.goAways == [.init(last: 601, error: Client.enhanceYourCalm)])
        #expect(scene.reasons == [.flood])
    }

    @Test("is refused if other clients have so many answers under way that this one has its share")
    func share() throws {
        let scene = try Self.scene()
        scene.otherAnswers = 2048
        scene.send(HTTP2Frames.openingWithoutWindow)
        for stream in [1, 3, 5, 7, 9] { scene.send(Client.headers(Self.get("/module"), on: stream)) }
        #expect(scene.received.of(0x1).map(\.stream) == [1, 3, 5, 7])
        #expect(scene.received.resets == [9: Client.refusedStream])
    }

    @Test("is answered though many came at once, as answers that are sent make room for others")
    func roomByAnswers() throws {
        let scene = try Self.scene()
        scene.otherAnswers = 2048
        scene.send(Client.handshake + (0..<50).flatMap { Client.headers(on: 1 + 2 * $0) })
        #expect(scene.received.of(0x1).count == 50)
        #expect(scene.received.resets.isEmpty)
    }
}
