// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import ServerInterface
import Testing

@testable import Fleet

@Suite("Since when a module is served")
struct DatedModulesTests {
    private func claim(_ digest: Digest, _ since: Int64, at path: String = "/plugin.wasm") -> FleetNews.Module {
        .init(path: path, sha256: digest.hexadecimal, since: since)
    }

    private func served(_ digest: Digest?, _ since: Int64) -> [RolloutModule] {
        [RolloutModule(path: "/plugin.wasm", digest: digest, since: since)]
    }

    @Test("is what the replica says that has served it for the longest")
    func longest() {
        var modules = DatedModules()
        modules.serve(served(.v2, 100), at: 1000)
        #expect(modules.dated == served(.v2, 100))
        modules.note([claim(.v2, 140)], notBefore: 0)
        #expect(modules.dated == served(.v2, 100))
        modules.note([claim(.v2, 40)], notBefore: 0)
        #expect(modules.dated == served(.v2, 40))
        modules.note([claim(.v1, 1), claim(.v2, 1, at: "/other.wasm"), claim(.v2, -1)], notBefore: 0)
        #expect(modules.dated == served(.v2, 40))
    }

    // A ConfigMap comes to each node at a time of its own.
    @Test("is known to a replica that changes after another has said so")
    func later() {
        var modules = DatedModules()
        modules.serve(served(.v1, 10), at: 1000)
        modules.note([claim(.v2, 100)], notBefore: 0)
        #expect(modules.dated == served(.v1, 10))
        modules.serve(served(.v2, 130), at: 1000)
        #expect(modules.dated == served(.v2, 100))
    }

    @Test("begins anew when it comes back after another")
    func back() {
        var modules = DatedModules()
        modules.serve(served(.v1, 10), at: 1000)
        modules.note([claim(.v1, 5)], notBefore: 0)
        modules.serve(served(.v2, 100), at: 1000)
        modules.serve(served(.v1, 200), at: 1000)
        #expect(modules.dated == served(.v1, 200))
    }

    @Test("is nothing where nothing is served, and needs no more memory than it may, whatever is claimed")
    func bounded() {
        var modules = DatedModules()
        modules.serve(served(nil, 0), at: 1000)
        modules.note((0..<100).map { claim(Digest(of: [UInt8($0)]), Int64($0)) }, notBefore: 0)
        #expect(modules.dated == served(nil, 0))
        modules.serve(served(Digest(of: [99]), 500), at: 1000)
        #expect(modules.dated == served(Digest(of: [99]), 99), "the latest claims are kept")
        modules.serve(served(Digest(of: [1]), 500), at: 1000)
        #expect(modules.dated == served(Digest(of: [1]), 500), "the oldest are not")
        modules.note((0..<10_000).map { claim(.v1, 1, at: "/\($0).wasm") }, notBefore: 0)
        modules.note([claim(Digest(of: [1]), 400, at: "/" + String(repeating: "x", count: 5000))], notBefore: 0)
        #expect(modules.dated == served(Digest(of: [1]), 500))
    }

    @Test("goes on being told when paths have come and gone for months, and is not lost to what others change to")
    func lasting() {
        var modules = DatedModules()
        modules.serve(served(.v1, 300), at: 1000)
        modules.note((0..<8192).map { claim(.v2, 1, at: "/\($0)/gone.wasm") }, notBefore: 0)
        modules.note([claim(.v1, 100)], notBefore: 0)
        #expect(modules.dated == served(.v1, 100))
        modules.note((0..<100).map { claim(Digest(of: [UInt8($0), 0]), 200) }, notBefore: 0)
        modules.note([claim(.v1, 250)], notBefore: 0)
        modules.serve(served(.v1, 300), at: 1000)
        #expect(modules.dated == served(.v1, 100))
    }

    @Test("is never a time to come, also when the clock was set back")
    func setBack() {
        var modules = DatedModules()
        modules.serve(served(.v1, 5000), at: 5000)
        modules.settle(at: 1000)
        #expect(modules.dated == served(.v1, 1000))
        modules.serve(served(.v1, 5000), at: 1100)
        #expect(modules.dated == served(.v1, 1000), "it has not changed")
        modules.serve(served(.v2, 5001), at: 1200)
        #expect(modules.dated == served(.v2, 1200))
    }

    @Test("is told from replica to replica, also when it changes later than they first met")
    func told() throws {
        func fleet() -> Fleet {
            Fleet(limits: FleetLimits(clients: 10, lifetime: .seconds(1000)), trusting: TrustedProxies(), now: { 500 })
        }
        let (first, second, third) = (fleet(), fleet(), fleet())
        var revision = 0
        func tell(_ pupil: Fleet, by teacher: Fleet) throws {
            let news = try #require(FleetNews(teacher.news(after: revision, of: "x").encoded()))
            pupil.merge(news, from: "192.0.2.1:9082")
            revision = news.revision
        }
        first.serve(served(.v1, 10))
        second.serve(served(.v1, 20))
        try tell(second, by: first)
        #expect(second.modules == served(.v1, 10))
        first.serve(served(.v2, 100))
        try tell(second, by: first)
        second.serve(served(.v2, 130))
        #expect(second.modules == served(.v2, 100))
        // The first is gone, and the third has only met the second.
        third.serve(served(.v2, 200))
        revision = 0
        try tell(third, by: second)
        #expect(third.modules == served(.v2, 100))
    }
}
