// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Dispatch
import Fleet
import HTTPSemantics
import HTTPService
import ServerClient
import ServerInterface
import TestSupport
import Testing

@testable import Peers
@testable import wasm_server

@Suite("What replicas ask each other of their clients")
struct FleetExchangeTests {
    /// Peers that answer as a test likes, and note what they are asked.
    private struct FakePeers: PeerDocuments {
        let names: [ServerName]
        var doubtful: [ServerName] = []
        let asked = Mailbox<String>()
        let answer: @Sendable (String) throws(PeerError) -> [UInt8]

        var isListening = false

        func peers(at port: Int) async -> (peers: [OperationsPeer], doubtful: [ServerName]) {
            let directory = PeerDirectory(
                names: names,
                defaultPort: 1,
                callers: RecentCallers(),
                observer: NoObserver()
            )
            let known = await directory.members(withCallers: false).peers
            return (known.map { OperationsPeer(directory.operations(of: $0, at: port), lister: $0) }, doubtful)
        }

        func listens(_ peer: Peer) async -> Bool { isListening }

        func document(_ target: String, from peer: Peer, maximumSize: Int) async throws(PeerError) -> [UInt8] {
            asked.put(target)
            return try answer(target)
        }
    }

    private struct NoObserver: PeerObserver {
        func peersDid(_ event: PeerEvent) {}
    }

    private static let peer = "192.0.2.1"

    private func fleet(now: @escaping @Sendable () -> Int64 = { 1000 }) -> Fleet {
        Fleet(limits: FleetLimits(clients: 100, lifetime: .seconds(1000)), trusting: TrustedProxies(), now: now)
    }

    private func exchange(_ fleet: Fleet, _ peers: FakePeers) -> FleetExchange {
        FleetExchange(fleet, instance: "me", peers, operationsPort: 9082, now: { HTTPDate(seconds: 1000) })
    }

    /// What a peer at ``peer`` is asked in each of some rounds, and what is told of it then.
    private func rounds(
        _ count: Int,
        _ answer: @escaping @Sendable (String) throws(PeerError) -> [UInt8]
    ) async throws -> (targets: [String], replicas: [FleetDocument.Replica]) {
        let peers = FakePeers(names: [try ServerName(Self.peer)], answer: answer)
        let exchange = exchange(fleet(), peers)
        for _ in 0..<count { await exchange.askAll() }
        return (peers.asked.all, exchange.replicas)
    }

    private static func news(_ instance: String, _ revision: Int, hasMore: Bool = false) -> [UInt8] {
        FleetNews(instance: instance, revision: revision, hasMore: hasMore, clients: [], modules: []).encoded()
    }

    @Test("begin with everything, and go on where they were told to")
    func good() async throws {
        let (targets, replicas) = try await rounds(3) { target in
            Self.news("other", target.contains("after=0") ? 7 : 9)
        }
        #expect(
            targets.map { $0.dropFirst(FleetNews.path.count) } == [
                "?after=0&of=", "?after=7&of=other", "?after=9&of=other",
            ]
        )
        #expect(replicas.map(\.address) == ["192.0.2.1:9082"])
        #expect(replicas.map(\.state) == ["told"])
    }

    @Test("tell one that is gone from one that serves modules and is not let to tell")
    func refused() async throws {
        for (runs, state) in [(false, "gone"), (true, "silent")] {
            var peers = FakePeers(names: [try ServerName(Self.peer)]) { _ throws(PeerError) in throw .refused }
            peers.isListening = runs
            let exchange = exchange(fleet(), peers)
            await exchange.askAll()
            #expect(exchange.replicas.map(\.state) == [state])
        }
    }

    @Test(
        "tell by how much a replica's clock is off, if that is more than it takes to ask",
        arguments: [(0, false), (60, true), (-60, true), (.max, true), (.min, true)] as [(Int64, Bool)]
    )
    func clock(lead: Int64, isTold: Bool) async throws {
        let present: Int64 = 1000
        let (_, replicas) = try await rounds(1) { _ in
            let time = present.addingReportingOverflow(lead).partialValue
            return FleetNews(instance: "other", time: time, revision: 1, hasMore: false, clients: [], modules: [])
                .encoded()
        }
        #expect((try #require(replicas.first).clockLead != nil) == isTold)
    }

    @Test("come to no end with one that always has more, but to so many a round; it has not told all then")
    func endless() async throws {
        let (targets, replicas) = try await rounds(2) { target in
            let revision = FleetNews.revision(in: String(target.drop { $0 != "?" }.dropFirst()), of: "other")
            return Self.news("other", revision + 1, hasMore: true)
        }
        #expect(targets.count == 8)
        #expect(replicas.map(\.state) == ["silent"])
        #expect(replicas.first?.lastTold != nil && replicas.first?.failure != nil)
        let stuck = try await rounds(1) { _ in Self.news("other", 1, hasMore: true) }
        #expect(stuck.targets.count == 2, "what does not go on is not asked for again at once")
        #expect(stuck.replicas.map(\.state) == ["silent"])
    }

    @Test(
        "are not what a peer makes of them: whoever has its address later can read them",
        arguments: [
            "", "a b", "a&of=b", "a\r\nx: y", "a HTTP/1.1\r\n\r\nGET /", "é", String(repeating: "a", count: 65),
        ]
    )
    func instances(_ instance: String) async throws {
        let (targets, replicas) = try await rounds(2) { _ in Self.news(instance, 3) }
        #expect(Set(targets) == ["/fleet/news?after=0&of="])
        #expect(replicas.map(\.state) == ["silent"])
    }

    @Test(
        "take no other document, whatever numbers are in it",
        arguments: [
            "", "null", "[]", "{}", #"{"instance":"a","revision":1e999,"hasMore":false,"clients":[],"modules":[]}"#,
            #"{"instance":"a","revision":NaN,"hasMore":false,"clients":[],"modules":[]}"#,
            #"{"instance":"a","revision":1,"hasMore":false,"clients":[],"modules":[{"path":"/a","sha256":"","since":9223372036854775808}]}"#,
            String(repeating: "[", count: 1 << 20), String(repeating: #"{"a":"#, count: 1 << 18),
        ]
    )
    func malformed(_ document: String) async throws {
        let (_, replicas) = try await rounds(1) { _ in Array(document.utf8) }
        #expect(replicas.map(\.state) == ["silent"])
        #expect(replicas.first?.lastTold == nil)
    }

    @Test("take the smallest and the largest numbers for what they are", arguments: [Int.min, -1, 0, .max])
    func numbers(_ revision: Int) async throws {
        let (targets, replicas) = try await rounds(2) { _ in Self.news("other", revision, hasMore: true) }
        #expect(targets.contains("/fleet/news?after=\(revision)&of=other"))
        #expect(replicas.count == 1)
    }

    @Test("are missed while a peer has not been asked, does not answer, or may be where nobody knows")
    func missing() async throws {
        let silent = FleetDocument.silent
        let (known, unknown) = (try ServerName(Self.peer), try ServerName("peers.example"))
        let peers = FakePeers(names: [known], doubtful: [unknown]) { _ throws(PeerError) in throw .timeout }
        let exchange = exchange(fleet(), peers)
        #expect(exchange.replicas.map(\.state) == [silent], "nobody has been asked yet")
        await exchange.askAll()
        #expect(exchange.replicas.map(\.address) == ["192.0.2.1:9082", "peers.example"])
        #expect(exchange.replicas.map(\.state) == [silent, silent])
        #expect(exchange.replicas.allSatisfy { $0.failure?.isEmpty == false })
        let gone = try await rounds(1) { _ throws(PeerError) in throw .refused }
        #expect(gone.replicas.map(\.state) == ["gone"])
        let own = try await rounds(1) { _ in Self.news("me", 1) }
        #expect(own.replicas.isEmpty, "that is this server")
    }

    @Test("wait for each other, 256 at a time, and get an answer whatever else happens")
    func waiting() async throws {
        let (entered, gate) = (Mailbox<Void>(), DispatchSemaphore(value: 0))
        let fleet = fleet {
            entered.put(())
            gate.wait()
            gate.signal()
            return 1000
        }
        let exchange = exchange(fleet, FakePeers(names: []) { _ in [] })
        let statuses = Mailbox<Int>()
        func ask(after revision: Int) {
            let target = FleetNews.target(after: revision, of: "me")
            let request = Request(
                method: .get,
                path: FleetNews.path,
                query: String(target.drop { $0 != "?" }.dropFirst())
            )
            exchange.answer(to: request).whenDelivered { statuses.put($0.head.status.rawValue) }
        }
        ask(after: 0)
        await entered.await(count: 1)
        for revision in 0..<256 { ask(after: revision / 2) }
        #expect(statuses.all.isEmpty)
        ask(after: 0)
        #expect(statuses.all == [503])
        gate.signal()
        await statuses.await(count: 258)
        #expect(statuses.all.count { $0 == 200 } == 257)
    }
}
