// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import ServerClient
import TestSupport
import Testing

@testable import Peers

@Suite("Asking a peer")
struct PeerClientTests {
    private static let client = PeerClient.unhurried()

    /// Asks for four bytes, or up to eight.
    private static func ask(
        _ peer: Peer,
        within deadline: Duration = .seconds(600),
        client: PeerClient = client
    ) async throws -> [UInt8] {
        try await client.get("/a", from: peer, within: deadline, lengths: 4...8) { content throws(PeerError) in
            try await content.all()
        }
    }

    @Test("gets what it gives, and says who asks")
    func good() async throws {
        try await FakePeer.with(answering: { _ in .content(Array("bytes".utf8)) }) { fakePeer in
            let peer = try fakePeer.peer
            #expect(try await Self.ask(peer) == Array("bytes".utf8))
            let request = try #require(fakePeer.requests(for: "/a").first)
            #expect(request.method == .GET)
            #expect(request.headers["wasm-server-peer"] == ["me"])
            let port = try fakePeer.port
            #expect(request.headers["host"] == ["127.0.0.1:\(port)"])
            #expect(request.headers["connection"] == ["close"])
            await fakePeer.awaitAllClosed()
        }
    }

    @Test("does without the bytes behind the announced ones")
    func tooMany() async throws {
        try await FakePeer.with(answering: { _ in
            .endless(.answer("200 OK", ["content-length: 5"], Array("bytes".utf8)), chunk: Array("more".utf8))
        }) { fakePeer in
            let peer = try fakePeer.peer
            #expect(try await Self.ask(peer) == Array("bytes".utf8))
            await fakePeer.awaitAllClosed()
        }
    }

    static let misbehaviour: [(FakePeer.Answer, PeerError)] = [
        (.status("302 Found", ["location: /b"]), .status(302)), (.status("500 Oops"), .status(500)),
        (.status("404 Not Found"), .status(404)), (.status("206 Partial Content"), .status(206)),
        (.bytes(.answer("200 OK", ["content-length: 9"], Array("too large".utf8))), .tooLarge),
        (.bytes(.answer("200 OK", ["content-length: 99999999999999999999"])), .malformed("it is not HTTP/1.1")),
        (
            .bytes(.answer("200 OK", ["content-length: 3"], Array("few".utf8))),
            .malformed("it is shorter than it should be")
        ),
        (.bytes(.answer("200 OK", ["content-length: 5"], Array("four".utf8))), .cut),
        (.bytes(.answer("200 OK", [], Array("bytes".utf8))), .malformed("its length is not announced")),
        (
            .endless(.answer("200 OK", ["transfer-encoding: chunked"]), chunk: Array("4\r\nmore\r\n".utf8)),
            .malformed("its length is not announced")
        ),
        (
            .bytes(.answer("200 OK", ["content-length: 5", "content-encoding: gzip"], Array("bytes".utf8))),
            .malformed("it is encoded")
        ),
        (.endless(.answer("200 OK", []).dropLast(2), chunk: Array("a: b\r\n".utf8)), .malformed("it is not HTTP/1.1")),
        (.bytes(Array("SSH-2.0-OpenSSH\r\n".utf8)), .malformed("it is not HTTP/1.1")), (.bytes([]), .unanswered),
        // A fatal alert of TLS 1.2, as RFC 5246 §6.2.1 and §7.2 write it: handshake_failure.
        (.bytes([21, 3, 3, 0, 2, 2, 40]), .unanswered),
    ]

    @Test("fails when it misbehaves, and hangs up", arguments: misbehaviour)
    func bad(_ answer: FakePeer.Answer, _ error: PeerError) async throws {
        try await FakePeer.with(answering: { _ in answer }) { fakePeer in
            let peer = try fakePeer.peer
            await #expect(throws: error) { try await Self.ask(peer) }
            await fakePeer.awaitAllClosed()
        }
    }

    @Test(
        "fails when it takes too long, and hangs up",
        arguments: [.silence, .unfinished(.answer("200 OK", ["content-length: 5"], Array("four".utf8)))]
            as [FakePeer.Answer]
    )
    func slow(_ answer: FakePeer.Answer) async throws {
        try await FakePeer.with(answering: { _ in answer }) { fakePeer in
            let peer = try fakePeer.peer
            await #expect(throws: PeerError.timeout) { try await Self.ask(peer, within: .milliseconds(200)) }
            await fakePeer.awaitAllClosed()
        }
    }

    @Test(
        "fails when it stalls, long before its time is up, and hangs up",
        arguments: [.silence, .unfinished(.answer("200 OK", ["content-length: 5"], Array("four".utf8)))]
            as [FakePeer.Answer]
    )
    func stalled(_ answer: FakePeer.Answer) async throws {
        try await FakePeer.with(answering: { _ in answer }) { fakePeer in
            let peer = try fakePeer.peer
            let client = PeerClient.unhurried(stall: .milliseconds(100))
            await #expect(throws: PeerError.timeout) { try await Self.ask(peer, client: client) }
            await fakePeer.awaitAllClosed()
        }
    }

    @Test("hangs up when nobody waits any more")
    func cancelled() async throws {
        try await FakePeer.with(answering: { _ in .silence }) { fakePeer in
            let peer = try fakePeer.peer
            let asking = Task { try await Self.ask(peer) }
            await fakePeer.awaitRequest(for: "/a")
            asking.cancel()
            await #expect(throws: PeerError.cancelled) { try await asking.value }
            await fakePeer.awaitAllClosed()
        }
    }

    @Test("fails when there is nobody")
    func rejected() async throws {
        let peer = try await FakePeer.with(answering: { _ in .silence }) { try $0.peer }
        await #expect(throws: PeerError.refused) { try await Self.ask(peer) }
    }

    @Test("reads no further than it is taken")
    func backpressure() async throws {
        let size = 256 << 20
        try await FakePeer.with(answering: { _ in
            .endless(.answer("200 OK", ["content-length: \(size)"]), chunk: [UInt8](repeating: 1, count: 1 << 16))
        }) { fakePeer in
            let counts = try await Self.client.get(
                "/a",
                from: try fakePeer.peer,
                within: .seconds(600),
                lengths: size...size
            ) { content throws(PeerError) in
                var counts: [Int] = []
                for _ in 0..<20 { counts.append(try await content.next()?.readableBytes ?? 0) }
                return counts
            }
            // What comes at once is what the socket's buffer holds, not what the peer would like to send.
            #expect(counts.allSatisfy { $0 > 0 && $0 < 8 << 20 })
            await fakePeer.awaitAllClosed()
        }
    }

    @Test("blames nobody but this server for what the system does not give")
    func lack() {
        for error in [FetchError.lacking(.descriptors), .lacking(.memory)] {
            #expect(!PeerError(error, of: .numbered(1)).castsDoubt)
        }
        #expect(PeerError(FetchError.unreachable("there is no route to it"), of: .numbered(1)).castsDoubt)
    }
}
