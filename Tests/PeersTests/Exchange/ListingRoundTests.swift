// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import TestSupport
import Testing

@testable import Peers

@Suite("A round of asking every peer for its list")
struct ListingRoundTests {
    /// A document with as many digests as can be taken from one, which does not end.
    private static func unfinished(_ peer: Int) -> [UInt8] {
        let entries = (0..<PeerList.maximumCount).map { number in
            #"{"verdict":"admitted","size":1,"sha256":"\#(Digest(of: Array("\(peer) \(number)".utf8)))"}"#
        }
        let document = Array(#"{"modules":[\#(entries.joined(separator: ","))"#.utf8)
        return .answer("200 OK", ["content-length: \(document.count + 2)"], document)
    }

    /// Has a list of peers answer while `body` runs.
    private static func with(
        _ answers: [@Sendable (String) -> FakePeer.Answer],
        _ fakePeers: [FakePeer] = [],
        _ body: nonisolated(nonsending) ([FakePeer]) async throws -> Void
    ) async throws {
        guard let answer = answers.first else { return try await body(fakePeers) }
        try await FakePeer.with(answering: answer) { fakePeer in
            try await with(Array(answers.dropFirst()), fakePeers + [fakePeer], body)
        }
    }

    @Test("tells how far away those are who answer, which is a second at most, and nothing of those who do not")
    func distance() async throws {
        let cases: [(FakePeer.Answer, answers: Bool)] = [(.list([]), true), (.status("404 Not Found"), false)]
        for (answer, answers) in cases {
            try await FakePeer.with(answering: { _ in answer }) { fakePeer in
                let outcome = await ListingRound.unhurried([try fakePeer.serverName], observer: EventLog())
                    .run(withCallers: false) { _, _ in }
                #expect((outcome.roundTrip > .zero) == answers)
                #expect(outcome.roundTrip <= .seconds(1))
            }
        }
    }

    @Test("lets no long lists that do not end crowd out a short one")
    func memory() async throws {
        let module = WasmModule.ofSize(100)
        let asked = FakePeer.Gate()
        let isHeard = FakePeer.Gate()
        // Together they take more than there is for all.
        let unfinished: [@Sendable (String) -> FakePeer.Answer] = (0..<5).map { peer in
            let bytes = Self.unfinished(peer)
            return { _ in .unfinishedUntil(bytes, isHeard) }
        }
        let list = [UInt8].list([module])
        let short: @Sendable (String) -> FakePeer.Answer = { _ in
            .later(.answer("200 OK", ["content-length: \(list.count)"], list), asked)
        }
        try await Self.with(unfinished + [short]) { peers in
            let log = EventLog { log in
                if !log.listFailures.isEmpty { asked.open() }
                if !log.listed.isEmpty { isHeard.open() }
            }
            let heard = Mailbox<Digest>()
            let outcome = await ListingRound.unhurried(try peers.map { try $0.serverName }, observer: log)
                .run(withCallers: false) { _, entries in
                    for entry in entries { heard.put(entry.digest) }
                }
            #expect(!outcome.heardAll)
            #expect(heard.all == [Digest(of: module)])
            // What finds everything taken fails, the others do not end by themselves.
            let failures = log.listFailures
            #expect(failures.count { $0 == .tooLarge } >= 1)
            #expect(failures.count { $0 == .tooLarge } + failures.count { $0 == .cut } == 5)
        }
    }
}
