// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import ModuleCatalog
import ServerClient
import TestSupport
import Testing

@testable import Peers

@Suite("Adoption")
struct AdoptionTests {
    private static let modules = (1...3).map { WasmModule.ofSize(100, seed: $0) }

    private static func path(_ module: [UInt8]) -> String { "/sha256/\(Digest(of: module)).wasm" }

    /// A peer that lists modules and gives those that it has an answer for, which by default are all.
    private static func peer(
        listing modules: [[UInt8]] = modules,
        _ answer: @escaping @Sendable ([UInt8]) -> FakePeer.Answer = { .content($0) }
    ) -> @Sendable (String) -> FakePeer.Answer {
        { path in
            guard let module = Self.modules.first(where: { Self.path($0) == path }) else { return .list(modules) }
            return answer(module)
        }
    }

    /// A peer that gives all modules, and lists what a document says.
    private static func peer(withDocument document: [UInt8]) -> @Sendable (String) -> FakePeer.Answer {
        { path in path == "/modules" ? .content(document) : peer()(path) }
    }

    /// A document with an entry for each module; the times are when it was last used.
    private static func document(_ states: [String], lastUsed times: [String?] = [nil, nil, nil]) -> [UInt8] {
        document(
            zip(modules, zip(states, times)).map { module, entry in
                (entry.0, Digest(of: module), module.count, entry.1.map { #","lastUsed":"\#($0)""# } ?? "")
            }
        )
    }

    /// A document with entries of these states, digests and sizes, and what else belongs to them.
    private static func document(_ entries: [(state: String, digest: Digest, size: Int, more: String)]) -> [UInt8] {
        let list = entries.map { entry in
            let digest = #""sha256":"\#(entry.digest)","size":\#(entry.size)"#
            return #"{"verdict":"admitted","state":"\#(entry.state)",\#(digest)\#(entry.more)}"#
        }
        return Array(#"{"modules":[\#(list.joined(separator: ","))]}"#.utf8)
    }

    private static func adopt(
        from peers: [FakePeer],
        into store: FakeModuleStore = FakeModuleStore(),
        within limit: Duration = .seconds(600),
        hedgingDelay: Duration = .seconds(600),
        log: EventLog = EventLog()
    ) async throws -> AdoptionReport {
        let names = try peers.map { try $0.serverName }
        return try await AdoptionScene(names, store: store, hedgingDelay: hedgingDelay, log: log).adopt(within: limit)
    }

    @Test("of nobody is no error")
    func alone() async throws {
        #expect(try await Self.adopt(from: []) == AdoptionReport(heardAll: true, isNobodyThere: true))
    }

    @Test("fetches what is not here, from whoever has it, once")
    func everything() async throws {
        try await FakePeer.with(answering: Self.peer(listing: [Self.modules[0], Self.modules[1]])) { first in
            let second = Self.peer(listing: [Self.modules[1], Self.modules[2]])
            try await FakePeer.with(host: "127.0.0.2", answering: second) { second in
                let store = FakeModuleStore()
                try store.keep(.of(Self.modules[0]), from: "here", for: .announced, lastUsed: nil)
                let report = try await Self.adopt(from: [first, second], into: store)
                #expect(
                    report
                        == AdoptionReport(answeredCount: 2, heardAll: true, adoptedCount: 2, adoptedBytes: 200)
                )
                #expect(store.digests == Set(Self.modules.map { Digest(of: $0) }))
                #expect(first.requests(for: Self.path(Self.modules[0])).isEmpty)
                let shared = Self.path(Self.modules[1])
                #expect(first.requests(for: shared).count + second.requests(for: shared).count == 1)
            }
        }
    }

    @Test("of a server that is ready is of what peers serve now, and not of what they keep")
    func following() async throws {
        let peer = Self.peer(withDocument: Self.document(["current", "kept", "current"]))
        try await FakePeer.with(answering: peer) { fakePeer in
            let scene = AdoptionScene([try fakePeer.serverName])
            try scene.store.keep(.of(Self.modules[0]), from: "here", for: .announced, lastUsed: nil)
            await scene.adoption.follow(within: .seconds(600))
            #expect(scene.store.digests == [Digest(of: Self.modules[0]), Digest(of: Self.modules[2])])
            #expect(scene.log.adoptions.isEmpty)
        }
    }

    @Test("of a server that is ready is of what peers keep, too, unless it was last used too long ago to be kept anew")
    func followingKept() async throws {
        let times = ["1970-01-01T00:16:41Z", "1970-01-01T00:16:40Z", nil]
        let document = Self.document(["kept", "kept", "kept"], lastUsed: times)
        try await FakePeer.with(answering: Self.peer(withDocument: document)) { fakePeer in
            let scene = AdoptionScene([try fakePeer.serverName])
            await scene.adoption.follow(within: .seconds(600))
            // What was used at second 1000 or before would be kept anew.
            #expect(scene.store.ages == [Digest(of: Self.modules[0]): 1001])
        }
    }

    @Test("asks again until somebody answers")
    func repetition() async throws {
        let asked = Mailbox<String>()
        let late: @Sendable (String) -> FakePeer.Answer = { path in
            asked.put(path)
            return asked.all.count < 4 ? .status("503 Service Unavailable") : Self.peer()(path)
        }
        try await FakePeer.with(answering: late) { fakePeer in
            let store = FakeModuleStore()
            let report = try await Self.adopt(from: [fakePeer], into: store)
            #expect(report.answeredCount == 1)
            #expect(store.digests == Set(Self.modules.map { Digest(of: $0) }))
        }
    }

    @Test("asks again while a name cannot be looked up, or has no address")
    func lookups() async throws {
        try await FakePeer.with(answering: Self.peer()) { fakePeer in
            let lookups = Mailbox<String>()
            let resolver = CachingResolver.unhurried(
                lookUp: { host in
                    lookups.put(host)
                    return switch lookups.all.count {
                    case 1: .failed(reason: "no server")
                    case 2, 3: .addresses([])
                    default: .addresses([[127, 0, 0, 1]])
                    }
                }
            )
            let scene = AdoptionScene(
                [try ServerName("peers")],
                port: try fakePeer.port,
                resolver: resolver,
                pause: .zero
            )
            #expect(try await scene.adopt().answeredCount == 1)
            #expect(scene.store.digests.count == 3)
        }
    }

    @Test("believes that nobody is there when everyone has refused twice")
    func refusals() async throws {
        // A port that was just given up on the loopback address is soon another test's.
        let network = try await LoopbackNetwork()
        let scene = AdoptionScene([try ServerName("\(network.host(1)):\(network.port)")])
        #expect(try await scene.adopt() == AdoptionReport(isNobodyThere: true))
        #expect(scene.log.listFailures == [.refused, .refused])
    }

    @Test("takes the refusal at its own address for that of no peer, and every other one for a peer's")
    func ownRefusal() async throws {
        let network = try await LoopbackNetwork()
        let names = try [1, 2].map { try ServerName("\(network.host($0)):\(network.port)") }
        try await FakePeer.with(host: network.host(2), port: network.port, answering: Self.peer()) { _ in
            for (host, isOwn) in [(network.host(1), true), (network.host(3), false)] {
                let own = OwnAddresses(host: host, ports: [network.port])
                let scene = AdoptionScene(names, own: own)
                let report = try await scene.adopt()
                #expect(
                    report
                        == AdoptionReport(answeredCount: 1, heardAll: isOwn, adoptedCount: 3, adoptedBytes: 300)
                )
                #expect(scene.log.listFailures == (isOwn ? [] : [.refused]))
                // It listens now, so whoever refuses there is somebody else.
                await scene.adoption.follow(within: .seconds(600))
                #expect(scene.log.listFailures.last == .refused)
            }
        }
    }

    @Test("prefers what peers serve now to what they only keep, as far as there is room")
    func room() async throws {
        let peer = Self.peer(withDocument: Self.document(["kept", "current", "kept"]))
        try await FakePeer.with(answering: peer) { fakePeer in
            let store = FakeModuleStore(capacity: 150)
            let report = try await Self.adopt(from: [fakePeer], into: store)
            #expect(store.digests == [Digest(of: Self.modules[1])])
            #expect(report.adoptedCount == 1)
            #expect(report.leftOutCount == 2)
        }
    }

    @Test("prefers what was used last, and remembers when that was")
    func lastUsed() async throws {
        let times = ["2026-11-24T02:31:37Z", "2026-11-24T02:31:39Z", "2026-11-24T02:31:38Z"]
        let document = Self.document(["kept", "kept", "kept"], lastUsed: times)
        try await FakePeer.with(answering: Self.peer(withDocument: document)) { fakePeer in
            let store = FakeModuleStore(capacity: 250)
            let report = try await Self.adopt(from: [fakePeer], into: store)
            #expect(report.adoptedCount == 2)
            #expect(report.leftOutCount == 1)
            // The seconds are what `date -d … +%s` says.
            #expect(
                store.ages == [
                    Digest(of: Self.modules[1]): 1_795_487_499, Digest(of: Self.modules[2]): 1_795_487_498,
                ]
            )
        }
    }

    @Test("goes on when one peer lists what does not exist, and hangs")
    func hanging() async throws {
        // Each of them would fill the room.
        let fakes = (0..<10).map { ("current", Digest(of: [$0]), (1 << 20) - 1000, "") }
        let document = Self.document(fakes)
        let isDone = FakePeer.Gate()
        let hanging: @Sendable (String) -> FakePeer.Answer = { path in
            path == "/modules"
                ? .content(document) : .later(.answer("404 Not Found", ["content-length: 0"]), isDone)
        }
        try await FakePeer.with(answering: hanging) { hanging in
            try await FakePeer.with(host: "127.0.0.2", answering: Self.peer()) { good in
                let store = FakeModuleStore()
                let log = EventLog { log in
                    if log.fetched.count == Self.modules.count { isDone.open() }
                }
                let report = try await Self.adopt(
                    from: [hanging, good],
                    into: store,
                    hedgingDelay: .milliseconds(10),
                    log: log
                )
                #expect(store.digests == Set(Self.modules.map { Digest(of: $0) }))
                #expect(report.adoptedCount == 3)
                #expect(report.failedCount == 10)
                #expect(log.fetchFailures == Array(repeating: .status(404), count: 10))
            }
        }
    }

    @Test("goes on when one peer fails")
    func failures() async throws {
        let bad = Self.peer(listing: [Self.modules[0]]) { _ in .status("500 Oops") }
        try await FakePeer.with(answering: bad) { bad in
            try await FakePeer.with(host: "127.0.0.2", answering: { _ in .status("500 Oops") }) { silent in
                let good = Self.peer(listing: [Self.modules[1]])
                try await FakePeer.with(host: "127.0.0.3", answering: good) { good in
                    let report = try await Self.adopt(from: [bad, silent, good])
                    #expect(
                        report
                            == AdoptionReport(
                                answeredCount: 2,
                                adoptedCount: 1,
                                adoptedBytes: 100,
                                failedCount: 1
                            )
                    )
                }
            }
        }
    }

    @Test("gives up when its time is up, and hangs up")
    func time() async throws {
        try await FakePeer.with(answering: Self.peer { _ in .silence }) { fakePeer in
            let log = EventLog()
            let report = try await Self.adopt(
                from: [fakePeer],
                within: .seconds(3),
                hedgingDelay: .milliseconds(10),
                log: log
            )
            #expect(report.ranOutOfTime)
            // Whoever took long is named, unless the time was up before that could be told.
            #expect(Set(log.fetchFailures).isSubset(of: [.timeout]))
            #expect(report.adoptedCount == 0)
            #expect(report.failedCount == 0)
            await fakePeer.awaitAllClosed()
        }
        try await FakePeer.with(answering: { _ in .silence }) { fakePeer in
            let log = EventLog()
            let report = try await Self.adopt(from: [fakePeer], within: .milliseconds(100), log: log)
            #expect(report == AdoptionReport(ranOutOfTime: true))
            #expect(log.listFailures.isEmpty)
            await fakePeer.awaitAllClosed()
        }
    }
}
