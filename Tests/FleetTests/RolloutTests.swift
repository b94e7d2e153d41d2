// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import Testing

@testable import Fleet

@Suite("A rollout")
struct RolloutTests {
    /// `/plugin.wasm` changed from v1 to v2 at 100.
    private static let module = RolloutModule(path: "/plugin.wasm", digest: .v2, since: 100, formerly: [.v1])

    /// What is said of one client, which has these fetches.
    private func entries(_ fetches: [ClientRecord], of modules: [RolloutModule] = [module], now: Int64 = 500)
        -> [Rollout.Entry]
    {
        let fleet = Fleet(
            limits: FleetLimits(clients: 100, lifetime: .seconds(1000)),
            trusting: TrustedProxies(),
            now: { 500 }
        )
        fleet.merge(fetches)
        return Rollout(of: modules, fleet.clients, now: now).entries
    }

    private func state(_ fetches: [ClientRecord]) throws -> ClientState {
        let entries = entries(fetches)
        #expect(entries.count == 1)
        return try #require(entries.first).state
    }

    @Test("has a client current that was sent what is served now, before the change or after it")
    func current() throws {
        #expect(try state([.fetching(.v2, at: 120)]) == .current)
        #expect(try state([.fetching(.v2, at: 40)]) == .current)
        #expect(try state([.fetching(.v1, at: 40), .fetching(.v2, at: 120)]) == .current)
        #expect(try state([.fetching(.v2, at: 120), .fetching(.v2, at: 130, .notModified)]) == .current)
    }

    @Test("has a client behind that came for an older one since the change")
    func behind() throws {
        #expect(try state([.fetching(.v1, at: 101)]) == .behind)
        #expect(
            try state([.fetching(.v1, at: 100)]) == .missing,
            "it may have come before the change, in the same second"
        )
        #expect(try state([.fetching(.v2, at: 110), .fetching(.v1, at: 120)]) == .behind, "it has gone back")
    }

    @Test("has a client missing that has an older one and has not come since")
    func missing() throws {
        #expect(try state([.fetching(.v1, at: 99)]) == .missing)
    }

    @Test("has a client failed whose last fetch was cut or refused, until one succeeds")
    func failed() throws {
        #expect(try state([.fetching(.v2, at: 120, .cut)]) == .failed)
        #expect(try state([.fetching(.v1, at: 40), .fetching(.v2, at: 120, .cut)]) == .failed)
        #expect(try state([.fetching(.v2, at: 110), .fetching(.v2, at: 120, .refused)]) == .failed)
        #expect(try state([.fetching(.v2, at: 120, .cut), .fetching(.v2, at: 121)]) == .current)
        // Envoy fetches once for each filter, and may lose interest in one of them as another succeeds.
        #expect(try state([.fetching(.v2, at: 120, .cut), .fetching(.v2, at: 120)]) == .current)
        #expect(try state([.fetching(.path("/plugin.wasm"), at: 120, .refused, as: [])]) == .failed)
        #expect(entries([.fetching(.v2, at: 120, .notModified)]).isEmpty, "anyone can say that it has it")
    }

    @Test("has nobody behind or failed for longer than a day, as gateways come and go")
    func lapse() {
        let day: Int64 = 24 * 3600
        let fetches: [ClientRecord] = [
            .fetching(.v1, by: "behind", at: 150), .fetching(.v2, by: "failed", at: 150, .cut),
            .fetching(.v1, by: "both", at: 40), .fetching(.v2, by: "both", at: 150, .cut),
            .fetching(.v2, by: "current", at: 150),
        ]
        func states(_ now: Int64) -> [String: ClientState] {
            Dictionary(uniqueKeysWithValues: entries(fetches, now: now).map { ($0.client.key.name, $0.state) })
        }
        #expect(states(150 + day) == ["behind": .behind, "failed": .failed, "both": .failed, "current": .current])
        #expect(states(151 + day) == ["behind": .missing, "both": .missing, "current": .current])
    }

    @Test("says what a client has, and what it came for last")
    func says() throws {
        let entry = try #require(entries([.fetching(.v1, at: 40), .fetching(.v2, at: 120, .cut)]).first)
        #expect(entry.digest == .v1)
        #expect(entry.subject == .digest(.v2))
        #expect(entry.fetch.last.time == 120)
    }

    @Test("knows an older one by what was served when a client fetched it, or by what peers have told of others")
    func formerDigest() {
        let module = RolloutModule(path: "/plugin.wasm", digest: .v2, since: 100)
        let byName = ClientRecord.fetching(.v1, by: "a", at: 40)
        let byDigestOnly = ClientRecord.fetching(.v1, by: "b", at: 120, as: [])
        let entries = entries([byName, byDigestOnly], of: [module])
        #expect(entries.map(\.module) == ["/plugin.wasm", "/plugin.wasm"])
        #expect(entries.map(\.client.key.name) == ["b", "a"])
        #expect(entries.map(\.state) == [.behind, .missing])
    }

    @Test("keeps apart who came for nothing that is served, where there are several modules")
    func strays() {
        let modules = [Self.module, RolloutModule(path: "/other.wasm", digest: .v3, since: 0)]
        let unknown = Digest(of: [9])
        let fetches: [ClientRecord] = [
            .fetching(.digest(unknown), by: "a", at: 10, .refused, as: []),
            .fetching(.path("/plugn.wasm"), by: "b", at: 11, .refused, as: []),
            .fetching(.v1, by: "c", at: 12, as: ["/gone.wasm"]),
        ]
        let strays = entries(fetches, of: modules)
        #expect(strays.filter { $0.module == nil }.map(\.client.key.name) == ["b", "a"])
        #expect(strays.first { $0.client.key.name == "c" }?.module == "/plugin.wasm", "it was one of its digests, too")
        // Where there is only one, a digest is meant for it; a path only of who has had the module.
        #expect(entries(fetches).map(\.module) == [nil, "/plugin.wasm", "/plugin.wasm"])
        #expect(entries(fetches).map(\.state) == [.failed, .failed, .missing])
        let mistaken = [fetches[1], .fetching(.v1, by: "b", at: 5)]
        #expect(entries(mistaken).map(\.module) == ["/plugin.wasm"])
        #expect(entries(mistaken).map(\.state) == [.failed])
    }

    @Test("takes a client for one of a few modules only, however many have the same bytes")
    func sameBytes() {
        let modules = (0..<1000).map { RolloutModule(path: "/\($0).wasm", digest: .v2, since: 0) }
        let named = ClientRecord.fetching(.v2, by: "a", at: 10, as: ["/7.wasm"])
        #expect(entries([named], of: modules).map(\.module) == ["/7.wasm"])
        let byDigest = ClientRecord.fetching(.v2, by: "b", at: 10, as: [])
        #expect(entries([byDigest], of: modules).count == FetchRecord.mostModules)
    }

    @Test("does not learn of one client from what a peer tells of another")
    func toldOfAnother() {
        let module = RolloutModule(path: "/plugin.wasm", digest: .v2, since: 100)
        let other = RolloutModule(path: "/other.wasm", digest: .v3, since: 0)
        let told = ClientRecord.fetching(.v1, by: "a", at: 40, from: "192.0.2.1:9082")
        let seen = ClientRecord.fetching(.v1, by: "b", at: 50, as: [])
        let entries = entries([told, seen], of: [module, other])
        #expect(entries.map(\.client.key.name) == ["b", "a"])
        #expect(entries.map(\.module) == [nil, "/plugin.wasm"])
    }

    @Test("tells each module's clients apart, and counts a client for each of them")
    func severalModules() {
        let other = RolloutModule(path: "/other.wasm", digest: .v3, since: 0)
        let rollout = Rollout(
            of: [Self.module, other],
            [
                .fetching(.v2, by: "a", at: 120), .fetching(.v3, by: "b", at: 120, as: ["/other.wasm"]),
                .fetching(.v1, by: "c", at: 20),
            ],
            now: 500
        )
        #expect(rollout.counts == ["/plugin.wasm": [.current: 1, .missing: 1], "/other.wasm": [.current: 1]])
    }

    @Test("lists failures first, and within a state who came last")
    func order() {
        let entries = entries([
            .fetching(.v2, by: "current", at: 200), .fetching(.v1, by: "missing", at: 50),
            .fetching(.v1, by: "behind", at: 150), .fetching(.v2, by: "failed", at: 110, .cut),
            .fetching(.v2, by: "failed later", at: 111, .cut),
        ])
        #expect(entries.map(\.client.key.name) == ["failed later", "failed", "behind", "missing", "current"])
    }

    @Test("keeps so many entries that matter most, and counts all")
    func most() {
        let clients = (0..<100).map { index in
            ClientRecord.fetching(index % 10 == 0 ? .v1 : .v2, by: "\(index)", at: 200 + Int64(index))
        }
        let all = Rollout(of: [Self.module], clients, now: 500)
        for most in [0, 1, 7, 10, 50, 99, 100, 101] {
            let rollout = Rollout(of: [Self.module], clients, now: 500, most: most)
            #expect(rollout.entries == Array(all.entries.prefix(most)))
            #expect(rollout.omitted == max(100 - most, 0))
            #expect(rollout.counts == ["/plugin.wasm": [.current: 90, .behind: 10]])
        }
    }

    @Test("knows what was served before, and of much of it forgets the oldest, but nothing that is kept")
    func formerly() throws {
        func digest(_ number: Int) -> Digest { Digest(of: [UInt8(number)]) }
        var module: RolloutModule?
        func serve(_ digest: Digest?, keeping kept: Set<Digest> = []) throws -> [Digest] {
            let next = RolloutModule(after: module, path: "/plugin.wasm", digest: digest, since: 0, keeping: kept)
            module = next
            return next.formerly
        }
        #expect(try serve(digest(0)) == [])
        #expect(try serve(digest(0)) == [])
        #expect(try serve(digest(1)) == [digest(0)])
        #expect(try serve(nil) == [digest(0), digest(1)])
        #expect(try serve(digest(0)) == [digest(1)], "it has come back")
        #expect(try serve(digest(2)) == [digest(1), digest(0)])
        for number in 3...100 { _ = try serve(digest(number), keeping: [digest(1)]) }
        #expect(module?.formerly == [digest(1)] + (36...99).map(digest))
        #expect(try serve(digest(100), keeping: [digest(7)]) == [digest(7)] + (36...99).map(digest))
    }

    @Test("counts no person and no probe among gateways")
    func people() {
        let rollout = Rollout(
            of: [Self.module],
            [
                .fetching(.v1, by: "a", at: 20, agent: "curl/8.5.0"),
                .fetching(.v1, by: "b", at: 20, agent: "kube-probe/1.31"),
                .fetching(.v2, by: "c", at: 120, agent: "Go-http-client/1.1"),
            ],
            now: 500
        )
        #expect(rollout.counts == ["/plugin.wasm": [.current: 1]])
        #expect(rollout.entries.count == 3)
    }
}
