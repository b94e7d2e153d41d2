// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import NIOHTTP1
import ServerClient
import TestSupport
import Testing

@testable import ModuleCatalog
@testable import Peers

@Suite("A search among peers")
struct PeerSearchTests {
    private static let module = WasmModule.ofSize(100_000)
    private static let digest = Digest(of: module)
    private static let path = "/sha256/\(digest).wasm"

    /// What a peer does that has the module.
    private static func good(_ path: String) -> FakePeer.Answer {
        path == "/modules" ? .list([module]) : .content(module)
    }

    /// What a peer does that has nothing.
    private static func empty(_ path: String) -> FakePeer.Answer {
        path == "/modules" ? .list([]) : .status("404 Not Found")
    }

    /// Has the module found at a good peer, which lists it only once one that hangs has been asked for it.
    private static func findBeside(
        listing list: FakePeer.Answer,
        answering answer: FakePeer.Answer
    ) async throws -> EventLog {
        let asked = FakePeer.Gate()
        let hanging: @Sendable (String) -> FakePeer.Answer = { path in
            if path == "/modules" { return list }
            asked.open()
            return answer
        }
        let goodList = [UInt8].list([module])
        let good: @Sendable (String) -> FakePeer.Answer = { path in
            path == "/modules"
                ? .later(.answer("200 OK", ["content-length: \(goodList.count)"], goodList), asked) : .content(module)
        }
        var timing = SearchScene.Timing()
        timing.fetch.hedgingDelay = .milliseconds(10)
        let logs = Mailbox<EventLog>()
        try await FakePeer.with(answering: hanging) { hanging in
            try await FakePeer.with(host: "127.0.0.2", answering: good) { good in
                try await SearchScene.with([hanging.serverName, good.serverName], timing: timing) { scene in
                    #expect(await scene.find(digest) == .found)
                    logs.put(scene.log)
                    await hanging.awaitAllClosed()
                }
            }
        }
        return try #require(logs.all.first)
    }

    @Test("finds what one of them has, keeps it, and fetches it once for all who ask")
    func found() async throws {
        let gate = FakePeer.Gate()
        let has: @Sendable (String) -> FakePeer.Answer = { path in
            path == "/modules"
                ? .list([Self.module])
                : .later(.answer("200 OK", ["content-length: \(Self.module.count)"], Self.module), gate)
        }
        try await FakePeer.with(answering: has) { fakePeer in
            try await FakePeer.with(host: "127.0.0.2", answering: Self.empty) { other in
                try await SearchScene.with([fakePeer.serverName, other.serverName]) { scene in
                    await withTaskGroup(of: PeerEvent.Answer.self) { group in
                        group.addTask { await scene.find(Self.digest) }
                        await fakePeer.awaitRequest(for: Self.path)
                        for _ in 0..<50 { group.addTask { await scene.find(Self.digest) } }
                        gate.open()
                        for await answer in group { #expect(answer == .found) }
                    }
                    #expect(fakePeer.requests(for: Self.path).count == 1)
                    #expect(other.requests(for: Self.path).isEmpty)
                    #expect(scene.store.digests == [Self.digest])
                    #expect(scene.log.fetched == [Self.digest])
                    // A search that comes when the digest is here already fetches nothing.
                    #expect(await scene.find(Self.digest) == .found)
                    #expect(fakePeer.requests(for: Self.path).count == 1)
                }
            }
        }
    }

    @Test("gives what cannot be kept, as far as there is memory until it is sent, and begins nothing else")
    func notKept() async throws {
        let modules = (1...4).map { WasmModule.ofSize(100_000, seed: $0) }
        let paths = modules.map { "/sha256/\(Digest(of: $0)).wasm" }
        let has: @Sendable (String) -> FakePeer.Answer = { path in
            paths.firstIndex(of: path).map { .content(modules[$0]) } ?? .list(modules)
        }
        try await FakePeer.with(answering: has) { fakePeer in
            // Two modules of the largest size may be in memory for searches.
            let store = FakeModuleStore(capacity: 100_000, hasRoom: false)
            try await SearchScene.with([fakePeer.serverName], store: store) { scene in
                var given: [SealedBlob?] = []
                for module in modules.prefix(2) { given.append(await scene.blob(of: Digest(of: module))) }
                #expect(given.map { $0?.digest } == modules.prefix(2).map { Digest(of: $0) })
                #expect(await scene.find(Digest(of: modules[2])) == .unavailable)
                #expect(fakePeer.requests(for: paths[2]).isEmpty)
                given.removeFirst()
                #expect(await scene.find(Digest(of: modules[3])) == .found)
                #expect(scene.store.digests.isEmpty)
            }
        }
    }

    @Test("asks each of them once for all who wait, whatever they look for")
    func rounds() async throws {
        let gate = FakePeer.Gate()
        try await FakePeer.with(answering: { _ in
            .later(.answer("200 OK", ["content-length: 14"], Array(#"{"modules":[]}"#.utf8)), gate)
        }) { fakePeer in
            try await SearchScene.with([fakePeer.serverName]) { scene in
                let first = Task { await scene.find(Digest(of: [])) }
                await fakePeer.awaitRequest(for: "/modules")
                let answers = Mailbox<SearchOutcome>()
                for number in 0..<5000 {
                    let digest = Digest(of: Array("\(number)".utf8))
                    scene.search.search(for: digest, from: "client \(number)", holding: 0) { answers.put($0) }
                }
                // There is room for 4096 to wait; the first has one of the places.
                #expect(answers.all.count == 5000 - 4095)
                gate.open()
                #expect(await first.value == .unknown)
                await answers.await(count: 5000)
                #expect(answers.all.count { if case .unknown = $0 { true } else { false } } == 4095)
                #expect(fakePeer.requests(for: "/modules").count == 2)
            }
        }
    }

    @Test("without peers knows that nobody has it")
    func alone() async throws {
        try await SearchScene.with([]) { scene in
            #expect(await scene.find(Self.digest) == .unknown)
        }
    }

    @Test("leaves this server out")
    func itself() async throws {
        try await FakePeer.with(answering: { _ in .list([Self.module], instance: "me") }) { fakePeer in
            try await SearchScene.with([fakePeer.serverName]) { scene in
                #expect(await scene.find(Self.digest) == .unknown)
                #expect(fakePeer.requests(for: Self.path).isEmpty)
            }
        }
    }

    static let lists: [(FakePeer.Answer, PeerError)] = [
        (.status("500 Oops"), .status(500)), (.status("307 Temporary Redirect", ["location: /"]), .status(307)),
        (.content(Array("garbage".utf8)), .malformed("its /modules is not a list of modules in JSON")),
        (.bytes(.answer("200 OK", ["content-length: 70000000"])), .tooLarge), (.silence, .timeout),
        (
            .endless(.answer("200 OK", ["transfer-encoding: chunked"]), chunk: Array("1\r\n \r\n".utf8)),
            .malformed("its length is not announced")
        ),
    ]

    @Test("does not know what one of them has that does not tell, but finds what another has", arguments: lists)
    func badList(_ answer: FakePeer.Answer, _ error: PeerError) async throws {
        var timing = SearchScene.Timing()
        timing.list = error == .timeout ? .seconds(2) : .seconds(600)
        try await FakePeer.with(answering: { _ in answer }) { bad in
            try await FakePeer.with(host: "127.0.0.2", answering: Self.good) { good in
                try await SearchScene.with([bad.serverName, good.serverName], timing: timing) { scene in
                    #expect(await scene.find(Digest(of: [])) == .unavailable)
                    #expect(scene.log.listFailures == [error])
                    #expect(await scene.find(Self.digest) == .found)
                }
            }
        }
    }

    @Test("does not know what one has that cannot be reached")
    func unreachable() async throws {
        let gone = try await FakePeer.with(answering: Self.good) { try $0.serverName }
        try await SearchScene.with([gone]) { scene in
            #expect(await scene.find(Self.digest) == .unavailable)
            #expect(scene.log.listFailures == [.refused])
        }
    }

    static let modules: [(FakePeer.Answer, PeerError)] = [
        (.content(WasmModule.ofSize(module.count, seed: 2)), .otherBytes), (.status("404 Not Found"), .status(404)),
        (.bytes(.answer("200 OK", ["content-length: \(module.count)"], Array(module.dropLast()))), .cut),
        (.content(Array(module.dropLast())), .malformed("it is shorter than it should be")),
        (.content(module + [0]), .tooLarge), (.status("302 Found", ["location: /plugin.wasm"]), .status(302)),
    ]

    @Test("takes the module from another when one does not give what it lists", arguments: modules)
    func badModule(_ answer: FakePeer.Answer, _ error: PeerError) async throws {
        let asked = FakePeer.Gate()
        let bad: @Sendable (String) -> FakePeer.Answer = { path in
            if path == "/modules" { return .list([Self.module]) }
            asked.open()
            return answer
        }
        // The good one lists it after the bad one has been asked for it.
        let list = [UInt8].list([Self.module])
        let good: @Sendable (String) -> FakePeer.Answer = { path in
            path == "/modules"
                ? .later(.answer("200 OK", ["content-length: \(list.count)"], list), asked) : .content(Self.module)
        }
        try await FakePeer.with(answering: bad) { bad in
            try await FakePeer.with(host: "127.0.0.2", answering: good) { good in
                try await SearchScene.with([bad.serverName, good.serverName]) { scene in
                    #expect(await scene.find(Self.digest) == .found)
                    #expect(scene.log.fetchFailures == [error])
                    #expect(bad.requests(for: Self.path).count == 1)
                    #expect(good.requests(for: Self.path).count == 1)
                    await bad.awaitAllClosed()
                }
            }
        }
    }

    @Test("is unavailable when the only one that lists it does not give it")
    func onlyBad() async throws {
        let bad: @Sendable (String) -> FakePeer.Answer = { path in
            path == "/modules" ? .list([Self.module]) : .content(WasmModule.ofSize(Self.module.count, seed: 2))
        }
        try await FakePeer.with(answering: bad) { fakePeer in
            try await SearchScene.with([fakePeer.serverName]) { scene in
                #expect(await scene.find(Self.digest) == .unavailable)
                #expect(scene.log.fetchFailures == [.otherBytes])
                #expect(scene.store.digests.isEmpty)
            }
        }
    }

    @Test("asks another beside one that is slow, and hangs up on whoever is later")
    func slow() async throws {
        let beginning = [UInt8].answer("200 OK", ["content-length: \(Self.module.count)"], [0])
        let log = try await Self.findBeside(listing: .list([Self.module]), answering: .unfinished(beginning))
        #expect(log.fetchFailures == [])
    }

    @Test("is unavailable when the module may not be served")
    func inadmissible() async throws {
        let rejection = CatalogError(code: .inadmissible, subject: "a", reason: "is empty", remedy: "build it")
        try await FakePeer.with(answering: Self.good) { first in
            try await FakePeer.with(host: "127.0.0.2", answering: Self.good) { second in
                let store = FakeModuleStore(rejecting: rejection)
                try await SearchScene.with([first.serverName, second.serverName], store: store) { scene in
                    #expect(await scene.find(Self.digest) == .unavailable)
                    #expect(Set(scene.log.fetchFailures) == [.inadmissible("is empty")])
                }
            }
        }
    }

    @Test("fetches nothing larger than is kept")
    func tooLarge() async throws {
        try await FakePeer.with(answering: Self.good) { fakePeer in
            try await SearchScene.with([fakePeer.serverName], store: FakeModuleStore(capacity: Self.module.count - 1)) {
                scene in
                #expect(await scene.find(Self.digest) == .unavailable)
                #expect(fakePeer.requests(for: Self.path).isEmpty)
                #expect(scene.log.tooLarge == [Self.module.count])
            }
        }
    }

    @Test("takes the module from another when one hangs, whatever size that one claims")
    func hanging() async throws {
        let claim = #"{"verdict":"admitted","state":"current","sha256":"\#(Self.digest)","size":\#(1 << 20)}"#
        let document = Array(#"{"modules":[\#(claim)]}"#.utf8)
        _ = try await Self.findBeside(listing: .content(document), answering: .silence)
    }

    @Test("finds what has come here by another way meanwhile", arguments: ["200 OK", "500 Oops"])
    func cameMeanwhile(_ status: String) async throws {
        let gate = FakePeer.Gate()
        let answer = [UInt8].answer(status, ["content-length: 14"], Array(#"{"modules":[]}"#.utf8))
        try await FakePeer.with(answering: { _ in .later(answer, gate) }) { fakePeer in
            try await SearchScene.with([fakePeer.serverName]) { scene in
                async let outcome = scene.find(Self.digest)
                await fakePeer.awaitRequest(for: "/modules")
                try scene.store.keep(.of(Self.module), from: "here", for: .announced, lastUsed: nil)
                gate.open()
                #expect(await outcome == .found)
            }
        }
    }

    @Test("is given up when its time is up, and when nothing is searched any more")
    func endings() async throws {
        try await FakePeer.with(answering: { _ in .silence }) { fakePeer in
            var timing = SearchScene.Timing()
            timing.search.deadline = .milliseconds(50)
            try await SearchScene.with([fakePeer.serverName], timing: timing) { scene in
                async let answer = scene.find(Self.digest)
                await fakePeer.awaitRequest(for: "/modules")
                #expect(await answer == .unavailable)
            }
            await fakePeer.awaitAllClosed()
            let answers = Mailbox<SearchOutcome>()
            let ended = Mailbox<PeerSearch>()
            try await SearchScene.with([fakePeer.serverName]) { scene in
                scene.search.search(for: Self.digest, from: "192.0.2.1", holding: 0) { answers.put($0) }
                await fakePeer.awaitRequest(for: "/modules", count: 2)
                #expect(answers.all.isEmpty)
                ended.put(scene.search)
            }
            #expect(answers.all.count == 1)
            ended.all.first?.search(for: Self.digest, from: "192.0.2.1", holding: 0) { answers.put($0) }
            #expect(answers.all.count == 2)
            await fakePeer.awaitAllClosed()
        }
    }

    @Test("asks every address of a name")
    func names() async throws {
        try await FakePeer.with(answering: Self.empty) { first in
            try await FakePeer.with(host: "127.0.0.2", port: first.port, answering: Self.good) { second in
                let resolver = CachingResolver.unhurried(lookUp: { _ in .addresses([[127, 0, 0, 1], [127, 0, 0, 2]]) })
                let name = try ServerName("peers")
                try await SearchScene.with([name], port: first.port, resolver: resolver) { scene in
                    #expect(await scene.find(Self.digest) == .found)
                    let request = try #require(second.requests(for: "/modules").first)
                    let port = try first.port
                    #expect(request.headers["host"] == ["peers:\(port)"])
                }
            }
        }
    }

    @Test("asks whoever has asked this server as a peer, though no name leads there yet")
    func callers() async throws {
        try await FakePeer.with(answering: Self.empty) { known in
            try await FakePeer.with(host: "127.0.0.2", port: known.port, answering: Self.good) { caller in
                try await SearchScene.with([known.serverName]) { scene in
                    #expect(await scene.find(Self.digest) == .unknown)
                    scene.search.wasAsked(by: "127.0.0.2:49152", as: "new")
                    #expect(await scene.find(Self.digest) == .found)
                    #expect(caller.requests(for: "/modules").count == 1)
                }
            }
        }
    }

    @Test("leaves whoever has asked in peace if it is found where a name leads, as addresses are translated on the way")
    func translatedCaller() async throws {
        try await FakePeer.with(answering: Self.empty) { known in
            try await SearchScene.with([known.serverName]) { scene in
                for instance in ["another", "me"] { scene.search.wasAsked(by: "127.0.0.2:49152", as: instance) }
                #expect(await scene.find(Self.digest) == .unknown)
                scene.search.wasAsked(by: "127.0.0.2:49152", as: "new")
                #expect(await scene.find(Self.digest) == .unavailable)
            }
        }
    }

    @Test("does not know what one has that has asked, and does not answer")
    func silentCaller() async throws {
        try await FakePeer.with(answering: Self.empty) { known in
            try await SearchScene.with([known.serverName]) { scene in
                scene.search.wasAsked(by: "127.0.0.2:49152", as: "new")
                #expect(await scene.find(Self.digest) == .unavailable)
            }
        }
    }

    @Test(
        "does not know that nobody has it if a name has no address, or cannot be looked up",
        arguments: [.addresses([]), .failed(reason: "a")] as [HostLookup]
    )
    func lookups(_ lookup: HostLookup) async throws {
        try await SearchScene.with([ServerName("peers")], resolver: .unhurried(lookUp: { _ in lookup })) { scene in
            #expect(await scene.find(Self.digest) == .unavailable)
        }
    }
}
