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

    private static func adopt(
        from peers: [FakePeer],
        into store: FakeModuleStore = FakeModuleStore(),
        within limit: Duration = .seconds(600),
        timing: PeerFetch.Timing = .init(deadline: .seconds(600), hedgingDelay: .seconds(600)),
        stall: Duration = .seconds(600),
        log: EventLog = EventLog()
    ) async throws -> AdoptionReport {
        let names = try peers.map { try $0.serverName }
        return try await adopt(fromNames: names, into: store, within: limit, timing: timing, stall: stall, log: log)
    }

    private static func adopt(
        fromNames names: [ServerName],
        into store: FakeModuleStore = FakeModuleStore(),
        within limit: Duration = .seconds(600),
        timing: PeerFetch.Timing = .init(deadline: .seconds(600), hedgingDelay: .seconds(600)),
        stall: Duration = .seconds(600),
        log: EventLog = EventLog()
    ) async throws -> AdoptionReport {
        let directory = PeerDirectory(names: names, defaultPort: 1, resolver: .unhurried(), observer: log)
        let client = PeerClient.unhurried(stall: stall)
        let listingRound = ListingRound(
            directory: directory,
            client: client,
            instance: "me",
            deadline: .seconds(600),
            observer: log
        )
        await Adoption(listingRound: listingRound, client: client, store: store, observer: log, timing: timing)
            .adopt(within: limit)
        #expect(log.adoptions.count == 1)
        return try #require(log.adoptions.first)
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
        let list = zip(Self.modules, ["current", "kept", "current"]).map { module, state in
            #"{"verdict":"admitted","state":"\#(state)","sha256":"\#(Digest(of: module))","size":\#(module.count)}"#
        }
        let document = Array(#"{"modules":[\#(list.joined(separator: ","))]}"#.utf8)
        let answer: @Sendable (String) -> FakePeer.Answer = { path in
            let module = Self.modules.first { Self.path($0) == path }
            return .content(module ?? document)
        }
        try await FakePeer.with(answering: answer) { fakePeer in
            let store = FakeModuleStore()
            try store.keep(.of(Self.modules[0]), from: "here", for: .announced, lastUsed: nil)
            let log = EventLog()
            let client = PeerClient.unhurried()
            let listingRound = ListingRound(
                directory: PeerDirectory(
                    names: [try fakePeer.serverName],
                    defaultPort: 1,
                    resolver: .unhurried(),
                    observer: log
                ),
                client: client,
                instance: "me",
                deadline: .seconds(600),
                observer: log
            )
            let timing = PeerFetch.Timing(deadline: .seconds(600), hedgingDelay: .seconds(600))
            await Adoption(listingRound: listingRound, client: client, store: store, observer: log, timing: timing)
                .follow(within: .seconds(600))
            #expect(store.digests == [Digest(of: Self.modules[0]), Digest(of: Self.modules[2])])
            #expect(log.adoptions.isEmpty)
        }
    }

    @Test("of a server that is ready is of what peers keep, too, unless it was last used too long ago to be kept anew")
    func followingKept() async throws {
        let times = ["1970-01-01T00:16:41Z", "1970-01-01T00:16:40Z"]
        let document = Self.document(
            zip(Self.modules, times).map { ("kept", Digest(of: $0), $0.count, #","lastUsed":"\#($1)""#) }
                + [("kept", Digest(of: Self.modules[2]), Self.modules[2].count, "")]
        )
        let peer: @Sendable (String) -> FakePeer.Answer = { path in
            path == "/modules" ? .content(document) : Self.peer()(path)
        }
        try await FakePeer.with(answering: peer) { fakePeer in
            let store = FakeModuleStore()
            let client = PeerClient.unhurried()
            let log = EventLog()
            let directory = PeerDirectory(
                names: [try fakePeer.serverName],
                defaultPort: 1,
                resolver: .unhurried(),
                observer: log
            )
            let listingRound = ListingRound(
                directory: directory,
                client: client,
                instance: "me",
                deadline: .seconds(600),
                observer: log
            )
            await Adoption(listingRound: listingRound, client: client, store: store, observer: log)
                .follow(within: .seconds(600))
            // What was used at second 1000 or before would be kept anew.
            #expect(store.ages == [Digest(of: Self.modules[0]): 1001])
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
            let log = EventLog()
            let names = [try ServerName("peers")]
            let directory = PeerDirectory(
                names: names,
                defaultPort: try fakePeer.port,
                resolver: resolver,
                observer: log
            )
            let client = PeerClient.unhurried()
            let listingRound = ListingRound(
                directory: directory,
                client: client,
                instance: "me",
                deadline: .seconds(600),
                observer: log
            )
            let store = FakeModuleStore()
            await Adoption(
                listingRound: listingRound,
                client: client,
                store: store,
                observer: log,
                timing: .init(),
                pause: .zero
            )
            .adopt(within: .seconds(600))
            #expect(log.adoptions.map(\.answeredCount) == [1])
            #expect(store.digests.count == 3)
        }
    }

    @Test("believes that nobody is there when everyone has refused twice")
    func refusals() async throws {
        let gone = try await FakePeer.with(answering: Self.peer()) { try $0.serverName }
        let log = EventLog()
        let report = try await Self.adopt(fromNames: [gone], log: log)
        #expect(report == AdoptionReport(isNobodyThere: true))
        #expect(log.listFailures == [.refused, .refused])
    }

    @Test("prefers what peers serve now to what they only keep, as far as there is room")
    func room() async throws {
        let list = Self.modules.enumerated().map { index, module in
            let state = index == 1 ? "current" : "kept"
            return
                #"{"verdict":"admitted","state":"\#(state)","sha256":"\#(Digest(of: module))","size":\#(module.count)}"#
        }
        let document = Array(#"{"modules":[\#(list.joined(separator: ","))]}"#.utf8)
        let peer: @Sendable (String) -> FakePeer.Answer = { path in
            path == "/modules" ? .content(document) : Self.peer()(path)
        }
        try await FakePeer.with(answering: peer) { fakePeer in
            let store = FakeModuleStore(capacity: 150)
            let report = try await Self.adopt(from: [fakePeer], into: store)
            #expect(store.digests == [Digest(of: Self.modules[1])])
            #expect(report.adoptedCount == 1)
            #expect(report.leftOutCount == 2)
        }
    }

    /// A document with entries of these states, digests and sizes, and what else belongs to them.
    private static func document(_ entries: [(state: String, digest: Digest, size: Int, more: String)]) -> [UInt8] {
        let list = entries.map { entry in
            let digest = #""sha256":"\#(entry.digest)","size":\#(entry.size)"#
            return #"{"verdict":"admitted","state":"\#(entry.state)",\#(digest)\#(entry.more)}"#
        }
        return Array(#"{"modules":[\#(list.joined(separator: ","))]}"#.utf8)
    }

    @Test("prefers what was used last, and remembers when that was")
    func lastUsed() async throws {
        let times = ["2026-11-24T02:31:37Z", "2026-11-24T02:31:39Z", "2026-11-24T02:31:38Z"]
        let document = Self.document(
            zip(Self.modules, times).map { ("kept", Digest(of: $0), $0.count, #","lastUsed":"\#($1)""#) }
        )
        let peer: @Sendable (String) -> FakePeer.Answer = { path in
            path == "/modules" ? .content(document) : Self.peer()(path)
        }
        try await FakePeer.with(answering: peer) { fakePeer in
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
                    timing: .init(deadline: .seconds(600), hedgingDelay: .milliseconds(10)),
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
            let timing = PeerFetch.Timing(deadline: .seconds(600), hedgingDelay: .milliseconds(10))
            let report = try await Self.adopt(from: [fakePeer], within: .seconds(3), timing: timing, log: log)
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
