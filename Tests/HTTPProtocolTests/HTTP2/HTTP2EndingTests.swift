// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import HTTPService
import TestSupport
import Testing

@testable import HTTPProtocol

/// RFC 9113 §6.8: a first GOAWAY that names no stream, at least a round trip, then one that names the last.
@Suite("The end of an HTTP/2 connection")
struct HTTP2EndingTests {
    private typealias Client = ClientFrames

    private static let announcement = SentFrames.GoAway(last: 0x7fff_ffff, error: 0)

    private static func scene() throws -> HTTP2Scene {
        HTTP2Scene(["/": .text("a document"), "/module": try .module(WasmModule.ofSize(300_000))])
    }

    private static let module = Client.headers(Client.get.map { $0.name == ":path" ? (":path", "/module") : $0 })

    private static func last(_ stream: Int, _ error: Int = 0) -> SentFrames.GoAway { .init(last: stream, error: error) }

    @Test(
        "is announced when it is idle, old, or the server shuts down, and final a second later",
        arguments: [
            EndReason.shutdown, .age, .idle,
        ]
    )
    func idle(_ reason: EndReason) throws {
        let scene = try Self.scene()
        scene.send(Client.handshake + Client.headers())
        scene.end(reason)
        scene.end(.shutdown)
        #expect(scene.received.goAways == [Self.announcement])
        #expect(scene.received.of(0x6).map(\.payload) == [Array("wasmdrai".utf8)])
        scene.passes(.milliseconds(750))
        #expect(scene.received.goAways.count == 1 && scene.connection.ending == nil)
        scene.passes(.milliseconds(250))
        #expect(scene.received.goAways == [Self.announcement, Self.last(1)])
        #expect(scene.connection.ending == .answered)
    }

    @Test("is final when the client has seen the announcement, and names the last request that crossed it")
    func crossing() throws {
        let scene = try Self.scene()
        scene.send(Client.handshake + Client.headers())
        scene.end(.shutdown)
        scene.send(Client.headers(on: 3) + Client.headers(on: 5) + Client.ping("wasmdrai", acknowledges: true))
        #expect(scene.received.goAways == [Self.announcement, Self.last(5)])
        #expect(scene.received.hasEnded(3) && scene.received.hasEnded(5))
        #expect(scene.connection.ending != nil)
    }

    @Test("waits for answers that are under way, and no request behind the last one is looked at")
    func underWay() throws {
        let scene = try Self.scene()
        scene.send(Client.handshake + Self.module)
        scene.end(.shutdown)
        scene.passes(.seconds(1))
        #expect(scene.received.goAways == [Self.announcement, Self.last(1)])
        scene.send(Client.headers(on: 3) + Client.windowUpdate(1 << 20) + Client.windowUpdate(1 << 20, on: 1))
        #expect(scene.received.hasEnded(1) && scene.received.of(0x1, on: 3).isEmpty)
        #expect(scene.received.resets.isEmpty)
        #expect(scene.connection.ending == .answered)
    }

    @Test("waits for an answer that is promised")
    func promised() throws {
        let scene = try Self.scene()
        scene.send(Client.handshake + Client.headers(Client.get.map { $0.name == ":path" ? (":path", "/later") : $0 }))
        scene.end(.shutdown)
        scene.passes(.seconds(30))
        #expect(scene.connection.ending == nil)
        scene.deliver(.text("late"), for: 1)
        #expect(scene.received.hasEnded(1))
        #expect(scene.connection.ending != nil)
    }

    @Test(
        "comes at once when the client leaves by itself, before it is announced or meanwhile",
        arguments: [false, true]
    )
    func clientLeaves(isAnnounced: Bool) throws {
        let scene = try Self.scene()
        scene.send(Client.handshake + Client.headers())
        if isAnnounced { scene.end(.shutdown) }
        scene.send(Client.goAway())
        #expect(scene.connection.ending == .answered)
        #expect(scene.received.goAways == (isAnnounced ? [Self.announcement] : []))
    }

    @Test("leaves a client that has said GOAWAY the answers that it has asked for")
    func goAwayMeanwhile() throws {
        let scene = try Self.scene()
        scene.send(HTTP2Frames.opening + Client.headers() + Self.module.replacing(stream: 3) + Client.goAway())
        #expect(scene.received.content(on: 3).count == 300_000)
        #expect(scene.connection.ending == .answered)
    }

    @Test("is said at once to a client whose head is late, and announced if it has answers under way")
    func late() throws {
        let scene = try Self.scene()
        scene.send(Client.handshake + Client.headers() + Client.headers(on: 3).prefix(12))
        scene.end(.lateHead)
        #expect(scene.received.goAways == [Self.last(1)])
        #expect(scene.connection.ending == .failed)

        let other = try Self.scene()
        other.send(Client.handshake + Self.module)
        other.end(.lateHead)
        #expect(other.received.goAways == [Self.announcement])
    }

    @Test("opens with SETTINGS though nothing was received (RFC 9113 §3.4)")
    func nothingReceived() throws {
        let scene = try Self.scene()
        scene.end(.shutdown)
        #expect(scene.received.all.first?.type == 0x4)
        scene.passes(.seconds(1))
        #expect(scene.received.goAways == [Self.announcement, Self.last(0)])
        #expect(scene.connection.ending == .idle)
    }

    // MARK: Errors

    /// Each is an error of the connection.
    private static let offences: [([UInt8], Int)] = [
        ([0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 5], Client.frameSizeError),
        (Client.data(on: 0), Client.protocolError),
        (HTTP2Frames.frame(0x6, payload: [1, 2, 3]), Client.frameSizeError),
        (Client.headers(block: [0xff, 0xff, 0xff, 0xff, 0xff], on: 5), Client.compressionError),
        (Client.headers(on: 4), Client.protocolError),
        (Client.windowUpdate((1 << 31) - 1), Client.flowControlError),
    ]

    @Test("names the last stream that was looked at, whatever the client has done wrong, and why", arguments: offences)
    func lastStream(_ offence: [UInt8], _ error: Int) throws {
        let scene = try Self.scene()
        scene.send(Client.handshake + Client.headers() + Client.headers(on: 3) + offence + Client.headers(on: 7))
        #expect(scene.received.goAways == [Self.last(3, error)])
        #expect(scene.received.of(0x1).map(\.stream) == [1, 3])
        // Something for whoever reads it (RFC 9113 §6.8, Additional Debug Data).
        #expect(scene.received.of(0x7).allSatisfy { $0.payload.count > 8 })
        #expect(scene.reasons == [.protocolError])
        #expect(!scene.connection.wantsInput)
    }

    @Test("cuts what is not sent, which is told when the socket is closed")
    func cut() throws {
        let scene = try Self.scene()
        scene.send(Client.handshake + Self.module + Client.data(on: 0))
        #expect(scene.connection.ending != nil)
        scene.connection.connectionEnded(scene.turn)
        #expect(scene.observer.exchanges.map(\.isComplete) == [false])
        #expect(scene.answersUnderWay == 0)
    }

    // MARK: A client that has closed its side

    @Test("comes when a client that has closed its side has its answers")
    func halfClosed() throws {
        let scene = try Self.scene()
        scene.socketRoom = 1000
        scene.send(HTTP2Frames.opening + Self.module)
        scene.endInput()
        #expect(scene.connection.ending == nil)
        scene.takes(.max)
        #expect(scene.received.content(on: 1).count == 300_000)
        #expect(scene.connection.ending == .clientIsDone)
    }

    @Test("comes when a client that has closed its side was sent all that it left room for")
    func blocked() throws {
        let scene = try Self.scene()
        scene.send(Client.handshake + Self.module)
        scene.endInput()
        #expect(scene.received.content(on: 1).count == 65_535)
        #expect(scene.connection.ending == .clientIsDone)
    }

    @Test("waits for an answer that is promised to a client that has closed its side")
    func promisedToClosed() throws {
        let scene = try Self.scene()
        scene.send(Client.handshake + Client.headers(Client.get.map { $0.name == ":path" ? (":path", "/later") : $0 }))
        scene.endInput()
        #expect(scene.connection.ending == nil)
        scene.deliver(.text("late"), for: 1)
        #expect(scene.received.hasEnded(1))
        #expect(scene.connection.ending != nil)
    }

    @Test("comes at once when a client asks for nothing and closes its side")
    func nothingAsked() throws {
        let scene = try Self.scene()
        scene.send(Client.handshake)
        #expect(scene.connection.waitState == WaitState(head: 0) && !scene.connection.hasAsked)
        scene.endInput()
        #expect(scene.connection.ending == .clientIsDone)
    }
}

extension [UInt8] {
    /// A frame on another stream.
    fileprivate func replacing(stream: Int) -> [UInt8] { prefix(5) + ClientFrames.number(stream) + dropFirst(9) }
}
