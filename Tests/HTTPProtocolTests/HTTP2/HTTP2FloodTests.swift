// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import HTTPService
import TestSupport
import Testing

@testable import HTTPProtocol

@Suite("A client that floods an HTTP/2 connection")
struct HTTP2FloodTests {
    private typealias Client = ClientFrames

    /// Sends frames, up to so many, until the connection ends; returns how many it took.
    private static func count(_ scene: HTTP2Scene, upTo limit: Int = 3000, _ frame: (Int) -> [UInt8]) -> Int {
        for number in 0..<limit {
            guard scene.connection.ending == nil else { return number }
            scene.send(frame(number))
        }
        return limit
    }

    private static func scene() -> HTTP2Scene {
        let scene = HTTP2Scene(["/": .text("a document")])
        scene.send(Client.handshake)
        return scene
    }

    private static func expectFlood(_ scene: HTTP2Scene) {
        #expect(scene.received.goAways.map(\.error) == [Client.enhanceYourCalm])
        #expect(scene.reasons == [.flood])
    }

    @Test(
        "by PING, SETTINGS or PRIORITY is cut at the 201st in 30 seconds, by whatever mixture (CVE-2019-9512, 9515, 9513)",
        arguments: [
            [ClientFrames.ping()], [ClientFrames.settings([])], [ClientFrames.priority(on: 3)],
            [ClientFrames.ping(), ClientFrames.settings([]), ClientFrames.priority(on: 3)],
        ]
    )
    func controlFrames(_ frames: [[UInt8]]) {
        let scene = Self.scene()
        // The handshake has one that counts.
        #expect(Self.count(scene) { frames[$0 % frames.count] } == 200)
        Self.expectFlood(scene)
    }

    @Test("is none that asks whether the server is there six times a second")
    func slowly() {
        let scene = Self.scene()
        for _ in 0..<600 {
            for _ in 0..<3 { scene.send(Client.ping()) }
            scene.passes(.milliseconds(500))
        }
        #expect(scene.connection.ending == nil)
    }

    @Test("by resets is cut at the 201st in 30 seconds (CVE-2023-44487)")
    func rapidReset() {
        let scene = Self.scene()
        let count = Self.count(scene) { Client.headers(on: 1 + 2 * $0) + Client.reset(on: 1 + 2 * $0) }
        #expect(count == 201)
        Self.expectFlood(scene)
        #expect(scene.answersUnderWay == 0)
    }

    /// What has the server reset a stream, on a stream of its own or on the same one.
    private static let errors: [@Sendable (Int) -> [UInt8]] = [
        { Client.headers(on: $0, endsStream: false) + Client.windowUpdate((1 << 31) - 1, on: $0) },
        { Client.headers(on: $0, endsStream: false) + Client.windowUpdate(0, on: $0) },
        { Client.headers(on: $0, endsStream: false) + Client.reset(on: $0) + Client.headers(on: $0) },
        { Client.headers(on: $0) + HTTP2Frames.frame(0x2, stream: $0, payload: [0, 0, 0, 0, 0, 0]) },
        { Client.headers(on: $0) + Client.priority(on: $0, dependingOn: $0) },
        { Client.headers(Client.get + [("connection", "close")], on: $0) },
    ]

    @Test("by errors on streams is cut at the 201st, however long it takes (CVE-2025-8671)", arguments: errors.indices)
    func madeYouReset(_ index: Int) {
        let scene = Self.scene()
        let count = Self.count(scene) { number in
            scene.passes(.seconds(1))
            return Self.errors[index](1 + 2 * number)
        }
        #expect(count == 201)
        Self.expectFlood(scene)
        #expect(scene.received.resets.count <= 201)
        #expect(scene.answersUnderWay == 0)
    }

    @Test("by CONTINUATION is cut at the sixth of a block (CVE-2024-27316)")
    func continuation() {
        let scene = Self.scene()
        scene.send(Client.headers(endsHeaders: false))
        #expect(Self.count(scene) { _ in HTTP2Frames.frame(0x9, stream: 1, payload: [0x82]) } == 6)
        Self.expectFlood(scene)
    }

    @Test("by empty DATA is cut at the second in a row (CVE-2019-9518)")
    func emptyContent() {
        let scene = Self.scene()
        scene.send(Client.headers(Client.post, endsStream: false))
        #expect(Self.count(scene) { _ in Client.data("", endsStream: false) } == 2)
        Self.expectFlood(scene)
    }

    @Test(
        "by frames that cause no answer is cut at a thousand",
        arguments: [ClientFrames.windowUpdate(1), HTTP2Frames.frame(0xfa, payload: [])]
    )
    func unanswered(_ frame: [UInt8]) {
        let scene = Self.scene()
        // Two in the handshake; the acknowledgement of its SETTINGS allows 16 more.
        #expect(Self.count(scene) { _ in frame } == 1000 + 16 - 2 + 1)
        Self.expectFlood(scene)
    }

    @Test("is none that tells every 4 KiB what it has read, as Go's does, for as long as it likes")
    func windowUpdates() throws {
        let module = WasmModule.ofSize(4 << 20)
        let scene = HTTP2Scene(["/": try .module(module)])
        scene.send(Client.handshake)
        for request in 0..<5 {
            let stream = 1 + 2 * request
            scene.send(Client.headers(on: stream))
            var told = 0
            while !scene.received.hasEnded(stream), scene.connection.ending == nil {
                let received = scene.received.content(on: stream).count
                for _ in stride(from: told, to: received, by: 4096) {
                    scene.send(Client.windowUpdate(4096) + Client.windowUpdate(4096, on: stream))
                }
                told += (received - told + 4095) / 4096 * 4096
            }
            #expect(scene.received.content(on: stream) == module)
        }
        #expect(scene.connection.ending == nil)
    }

    @Test("by settings is cut at the 33rd of a frame, and not at 32", arguments: [32, 33])
    func settings(_ count: Int) {
        let scene = Self.scene()
        scene.send(Client.settings((0..<count).map { (0x4, 65_535 - $0 % 2) }))
        if count > 32 { Self.expectFlood(scene) } else { #expect(scene.connection.ending == nil) }
    }

    // MARK: A client that takes nothing

    @Test("and takes nothing is not read from any more behind a hundred frames, until it has taken everything")
    func gate() {
        let scene = Self.scene()
        scene.socketRoom = 0
        var sent = 0
        while scene.connection.wantsInput, sent < 1000 {
            scene.send(Client.ping("ping\(1000 + sent)"))
            sent += 1
        }
        // One that comes when the gate is closed is held.
        #expect(sent == 101)
        scene.takes(10)
        #expect(!scene.connection.wantsInput)
        scene.takes(.max)
        #expect(scene.connection.wantsInput)
        #expect(scene.received.of(0x6).map(\.payload) == (0..<101).map { Array("ping\(1000 + $0)".utf8) })
    }

    @Test("and takes nothing has only so much held for it")
    func memory() throws {
        let document = Response.text(String(repeating: "x", count: 4000))
        let scene = HTTP2Scene(["/": document, "/module": try .module(WasmModule.ofSize(3 << 20))])
        scene.socketRoom = 0
        scene.send(HTTP2Frames.opening)
        var stream = 1
        while scene.connection.wantsInput, stream < 10_000 {
            let path = stream % 4 == 1 ? "/" : "/module"
            scene.send(Client.headers(Client.get.map { $0.name == ":path" ? (":path", path) : $0 }, on: stream))
            stream += 2
        }
        #expect(stream < 210)
        // A run of frames for all, and short contents, as far as they are copied.
        #expect(scene.output.byteCount < 1_100_000 + 100 * 500)
    }

    @Test("and takes nothing has no more held than the bytes that it lets through, one by one")
    func trickle() throws {
        let scene = HTTP2Scene(["/": try .module(WasmModule.ofSize(1 << 20))])
        let streams = Array(stride(from: 1, to: 101, by: 2))
        let opening = HTTP2Frames.preface + Client.initialWindow(0) + HTTP2Frames.settingsAcknowledgement
        scene.send(opening + streams.flatMap { Client.headers(on: $0) })
        scene.socketRoom = 0
        for _ in 0..<100 { scene.send(streams.flatMap { Client.windowUpdate(1, on: $0) }) }
        #expect(scene.connection.ending == nil)
        #expect(scene.output.byteCount > 30_000 && scene.output.byteCount < 40_000)
        #expect(scene.output.parts.isEmpty)
    }

    @Test("is held back while its answers fill the socket, and its head is not late meanwhile")
    func waitState() {
        let scene = Self.scene()
        scene.send(Client.headers())
        #expect(scene.connection.waitState == WaitState(request: 1))
        scene.send(Array(Client.headers(on: 3).prefix(12)))
        #expect(scene.connection.waitState.head != nil)
        scene.send(Array(Client.headers(on: 3).dropFirst(12)))
        #expect(scene.connection.waitState == WaitState(request: 3))
    }
}
