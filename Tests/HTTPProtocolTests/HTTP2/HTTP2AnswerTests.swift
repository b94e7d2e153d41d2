// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import HTTPService
import TestSupport
import Testing

@testable import HTTPProtocol

@Suite("An answer over HTTP/2")
struct HTTP2AnswerTests {
    @Test(
        "is its head with the date and its content, however the request is cut",
        arguments: [1, 2, 9, 10, 33, 16_384]
    )
    func short(step: Int) throws {
        let scene = HTTP2Scene()
        scene.step = step
        scene.send(HTTP2Frames.opening + HTTP2Frames.get("/now") + HTTP2Frames.get("/now", stream: 3))
        // SETTINGS come first (RFC 9113 §3.4), and the client's are acknowledged (§6.5.3).
        #expect(scene.received.all.first?.type == 0x4)
        #expect(scene.received.of(0x4).map(\.flags) == [0, 1])
        for stream in [1, 3] {
            #expect(
                try scene.received.fields(on: stream)
                    == [.init(":status", "200")] + Response.text("now").head.fields.map { .init($0.name, $0.value) }
                    + [.init("date", HTTP2Scene.date.description)]
            )
            #expect(scene.received.content(on: stream) == HTTP2Scene.short)
            #expect(scene.received.hasEnded(stream))
        }
        #expect(scene.observer.exchanges.map(\.isComplete) == [true, true])
        #expect(scene.observer.exchanges.map(\.version) == [.http2, .http2])
        #expect(scene.answersUnderWay == 0)
        #expect(scene.received.resets.isEmpty && scene.received.goAways.isEmpty)
    }

    @Test("may be a module, whatever the socket takes at a time", arguments: [1000, 16_393, 100_000, .max])
    func module(room: Int) throws {
        let module = WasmModule.ofSize(3 << 20)
        let scene = HTTP2Scene(["/plugin.wasm": try .module(module)])
        scene.socketRoom = room
        scene.send(HTTP2Frames.opening + HTTP2Frames.get("/plugin.wasm"))
        while !scene.received.hasEnded(1) || !scene.output.isEmpty { scene.takes(room) }
        #expect(scene.received.content(on: 1) == module)
        // RFC 9113 §4.2: no frame is larger than the client's SETTINGS_MAX_FRAME_SIZE, 2^14 unless it says another.
        #expect(scene.received.of(0x0).allSatisfy { $0.payload.count <= 16_384 })
        #expect(scene.observer.exchanges.map(\.isComplete) == [true])
    }

    @Test("waits for windows (RFC 9113 §6.9), and goes on when they grow")
    func windows() throws {
        let module = WasmModule.ofSize(200_000)
        let scene = HTTP2Scene(["/plugin.wasm": try .module(module)])
        scene.send(HTTP2Frames.preface + HTTP2Frames.frame(0x4, payload: []) + HTTP2Frames.get("/plugin.wasm"))
        #expect(scene.received.content(on: 1).count == 65_535)
        scene.send(HTTP2Frames.frame(0x8, stream: 1, payload: [0, 1, 0, 0]))
        #expect(scene.received.content(on: 1).count == 65_535)
        scene.send(HTTP2Frames.frame(0x8, payload: [0, 0, 0, 100]))
        #expect(scene.received.content(on: 1).count == 65_635)
        scene.send(HTTP2Frames.frame(0x8, payload: [0, 16, 0, 0]))
        #expect(scene.received.content(on: 1).count == 65_535 + 65_536)
        #expect(!scene.received.hasEnded(1))
        scene.send(HTTP2Frames.frame(0x8, stream: 1, payload: [0, 16, 0, 0]))
        #expect(scene.received.content(on: 1) == module)
        #expect(scene.received.hasEnded(1))
    }
}

extension HTTP2AnswerTests {
    private typealias Client = ClientFrames

    /// How the content of some streams follows each other: the streams, in the order of their frames.
    private static func order(_ scene: HTTP2Scene) -> [Int] {
        scene.received.of(0x0).map(\.stream).reduce(into: []) { if $0.last != $1 { $0.append($1) } }
    }

    @Test("takes turns with others that have content to be sent, a few frames each")
    func turns() throws {
        let scene = HTTP2Scene(["/": try .module(WasmModule.ofSize(2 << 20))])
        scene.send(HTTP2Frames.opening + [1, 3, 5].flatMap { Client.headers(on: $0) })
        let order = Self.order(scene)
        #expect(order.prefix(6) == [1, 3, 5, 1, 3, 5])
        #expect(order.count > 15)
        for stream in [1, 3, 5] { #expect(scene.received.content(on: stream) == WasmModule.ofSize(2 << 20)) }
    }

    @Test("is not kept from its turn by one that has no room")
    func turnsWithoutRoom() throws {
        let scene = HTTP2Scene(["/": try .module(WasmModule.ofSize(2 << 20))])
        scene.send(HTTP2Frames.openingWithoutWindow + Client.windowUpdate(0x7fff_0000))
        scene.send([1, 3, 5].flatMap { Client.headers(on: $0) } + Client.windowUpdate(1 << 30, on: 3))
        #expect(scene.received.hasEnded(3))
        #expect(scene.received.content(on: 1).isEmpty && scene.received.content(on: 5).isEmpty)
    }

    @Test("has frames no larger than the client and the driver allow", arguments: [(20_000, 16_384), (16_384, 9000)])
    func frameSizes(_ largest: Int, _ payload: Int) throws {
        let module = WasmModule.ofSize(100_000)
        let scene = HTTP2Scene(["/": try .module(module)], framePayload: payload)
        scene.send(HTTP2Frames.opening + Client.settings([(0x5, largest)]) + Client.headers())
        #expect(scene.received.of(0x0).map(\.payload.count).max() == min(largest, payload))
        #expect(scene.received.content(on: 1) == module)
    }

    @Test("has its head in several frames if one does not hold it (RFC 9113 §4.3)")
    func longHead() throws {
        let fields = (0..<10).map { ResponseHead.Field("x-\($0)", String(repeating: "~", count: 4000)) }
        let scene = HTTP2Scene(["/": Response(head: ResponseHead(.ok, fields), body: .none)])
        scene.send(Client.handshake + Client.headers())
        #expect(
            try scene.received.fields(on: 1)
                == [.init(":status", "200")] + fields.map { .init($0.name, $0.value) }
                + [.init("date", HTTP2Scene.date.description)]
        )
        let frames = scene.received.all.filter { $0.stream == 1 }
        #expect(frames.count > 1 && frames.allSatisfy { $0.payload.count <= 16_384 })
        // END_STREAM is of HEADERS, END_HEADERS of the last.
        #expect(frames.map(\.flags) == [1] + Array(repeating: 0, count: frames.count - 2) + [4])
    }

    // RFC 7541 §4.2: nghttp2 demands it where the table becomes smaller.
    @Test("says once that it uses no table, if the client's became smaller")
    func tableSize() throws {
        let scene = HTTP2Scene(["/": .text("a document")])
        scene.send(Client.handshake + Client.headers() + Client.settings([(0x1, 0), (0x1, 4096)]))
        scene.send(Client.headers(on: 3) + Client.settings([(0x1, 100)]) + Client.headers(on: 5))
        let blocks = [1, 3, 5].map { scene.received.of(0x1, on: $0).first?.payload ?? [] }
        #expect(blocks[1] == [0x20] + blocks[0])
        #expect(blocks[2] == blocks[0])
    }
}
