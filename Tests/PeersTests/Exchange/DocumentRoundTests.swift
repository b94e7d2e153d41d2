// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import ServerClient
import TestSupport
import Testing

@testable import Peers

@Suite("Asking peers for documents of their operations ports")
struct DocumentRoundTests {
    private static let target = "/fleet/news?after=0&of="

    private func round(
        _ names: [ServerName] = [],
        resolver: CachingResolver = .unhurried(),
        client: PeerClient = .unhurried(),
        deadline: Duration = .seconds(600)
    ) -> DocumentRound {
        let directory = PeerDirectory(names: names, defaultPort: 8082, resolver: resolver, observer: EventLog())
        return DocumentRound(directory: directory, client: client, deadline: deadline)
    }

    @Test("gets all of one, and none that is larger than is taken")
    func size() async throws {
        let bytes = [UInt8](repeating: 7, count: 1 << 20)
        try await FakePeer.with(answering: { _ in .content(bytes) }) { fakePeer in
            let peer = try fakePeer.peer
            #expect(try await round().document(Self.target, from: peer, maximumSize: bytes.count) == bytes)
            await #expect(throws: PeerError.tooLarge) {
                try await round().document(Self.target, from: peer, maximumSize: bytes.count - 1)
            }
            await fakePeer.awaitAllClosed()
        }
    }

    @Test("waits no longer for one that drips than for one that stalls, and follows nobody elsewhere")
    func dripping() async throws {
        // It sends all the time, but too little to speak of.
        let drip = FakePeer.Answer.unfinished(
            .answer("200 OK", ["content-length: 4000000"], [UInt8](repeating: 7, count: 16_000))
        )
        let cases: [(FakePeer.Answer, PeerError)] = [
            (drip, .timeout), (.unfinished(Array("HTTP/1.1 200 OK\r\nx: ".utf8)), .timeout), (.silence, .timeout),
            (.status("307 Temporary Redirect", ["location: /elsewhere"]), .status(307)),
        ]
        for (answer, error) in cases {
            try await FakePeer.with(answering: { _ in answer }) { fakePeer in
                let peer = try fakePeer.peer
                let round = round(client: .unhurried(stall: .milliseconds(100)))
                await #expect(throws: error) { try await round.document(Self.target, from: peer, maximumSize: 4 << 20) }
                #expect(fakePeer.requests(for: "/elsewhere").isEmpty)
                await fakePeer.awaitAllClosed()
            }
        }
        // Enough not to stall, and never all of it.
        try await FakePeer.with(answering: { _ in
            .endless(.answer("200 OK", ["content-length: \(1 << 40)"]), chunk: [7])
        }) { fakePeer in
            let peer = try fakePeer.peer
            let round = round(deadline: .milliseconds(200))
            await #expect(throws: PeerError.timeout) {
                try await round.document(Self.target, from: peer, maximumSize: 1 << 40)
            }
            await fakePeer.awaitAllClosed()
        }
    }

    @Test("names those names that may lead to more peers than are known, or than are asked")
    func doubtful() async throws {
        let addresses = (1...64).map { [192, 0, 2, UInt8($0)] }
        let resolver = CachingResolver.unhurried { host in
            switch host {
            case "all.example": .addresses([[198, 51, 100, 1]])
            case "most.example": .addresses(addresses)
            case "none.example": .addresses([])
            default: .failed(reason: "a test")
            }
        }
        func names(_ texts: String...) throws -> [ServerName] { try texts.map { try ServerName($0) } }
        let known = await round(try names("all.example", "203.0.113.1"), resolver: resolver).peers(at: 9082)
        #expect(known.peers.map(\.peer.description) == ["198.51.100.1:9082", "203.0.113.1:9082"])
        #expect(known.doubtful.isEmpty)
        let lost = try names("none.example", "203.0.113.1", "failing.example")
        let some = await round(lost, resolver: resolver).peers(at: 9082)
        #expect(some.peers.map(\.peer.description) == ["203.0.113.1:9082"])
        #expect(some.doubtful == [lost[0], lost[2]])
        let many = try names("all.example", "most.example", "203.0.113.1")
        let most = await round(many, resolver: resolver).peers(at: 9082)
        #expect(most.peers.count == PeerDirectory.maximumCount)
        #expect(most.doubtful == [many[1], many[2]])
    }
}
