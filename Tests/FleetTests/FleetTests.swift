// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import ServerInterface
import Synchronization
import TestSupport
import Testing

@testable import Fleet

@Suite("A fleet")
struct FleetTests {
    private static let limits = FleetLimits(clients: 32, lifetime: .seconds(1000))

    private func fleet(at now: Int64 = 100, limits: FleetLimits = limits) -> Fleet {
        Fleet(limits: limits, trusting: TrustedProxies(), now: { now })
    }

    private func names(_ fleet: Fleet) -> Set<String> { Set(fleet.clients.map(\.key.name)) }

    @Test("remembers when a client came first and last, and how that went last")
    func remembers() throws {
        let fleet = fleet()
        fleet.merge([.fetching(.v1, at: 10), .fetching(.v1, at: 30, .cut), .fetching(.v1, at: 20)])
        let client = try #require(fleet.clients.first)
        #expect(fleet.clients.count == 1)
        let fetch = try #require(client.fetches[.v1])
        #expect(fetch.first == 10)
        #expect(fetch.last.time == 30)
        #expect(fetch.last.outcome == .cut)
        #expect(fetch.lastSuccess == 20)
        #expect(client.last == 30)
    }

    @Test("forgets those first who came the longest ago, counts them, and holds no more than it may")
    func forgetsOldest() {
        let fleet = fleet()
        for time in Int64(1)...90 { fleet.merge([.fetching(.v1, by: "client-\(time)", at: time)]) }
        let names = names(fleet)
        #expect(names.count <= 34)
        #expect((59...90).allSatisfy { names.contains("client-\($0)") })
        #expect(fleet.forgottenCount == 90 - names.count)
    }

    @Test("forgets those of whom only peers have told before those whom it has seen itself")
    func forgetsToldFirst() {
        let fleet = fleet()
        fleet.merge((1...8).map { .fetching(.v1, by: "seen-\($0)", at: 1) })
        for index in 1...500 { fleet.merge([.fetching(.v1, by: "told-\(index)", at: 90, from: "192.0.2.1:8082")]) }
        #expect((1...8).allSatisfy { names(fleet).contains("seen-\($0)") })
        #expect(fleet.clients.count <= 34)
    }

    @Test("holds a client's many plugins, if others have few, and of more than it may those that are the latest")
    func manyFetches() throws {
        let fleet = fleet()
        for time in Int64(1)...100 { fleet.merge([.fetching(.digest(Digest(of: [UInt8(time)])), at: time)]) }
        let fetches = try #require(fleet.clients.first).fetches
        #expect(fetches.count == ClientRecord.mostFetches)
        #expect(Set(fetches.values.map(\.last.time)) == Set(37...100))
        #expect(fleet.forgottenCount == 36)
    }

    @Test("holds fewer whose modules have long paths, as it may take no more memory for them, whoever tells of them")
    func longPaths() {
        let limits = FleetLimits(clients: 100, lifetime: .seconds(1000))
        func tell(_ fleet: Fleet, _ length: Int) {
            for client in 0..<200 {
                fleet.merge(
                    (0..<16).map { index in
                        let paths = (0..<4).map { "/\(client)/\(index)/\($0)" + String(repeating: "x", count: length) }
                        let fetched = FetchSubject.path("\(index)")
                        return .fetching(fetched, by: "\(client)", at: 50, as: paths, from: "192.0.2.1:9082")
                    }
                )
            }
        }
        func pathBytes(_ fleet: Fleet) -> Int {
            fleet.clients.flatMap(\.fetches.values).flatMap(\.modules).reduce(0) { $0 + $1.utf8.count }
        }
        let (long, short) = (fleet(limits: limits), fleet(limits: limits))
        tell(long, 1000)
        #expect((200_000...450_000).contains(pathBytes(long)))
        // Where records are merged, too.
        tell(long, 990)
        #expect((200_000...450_000).contains(pathBytes(long)))
        tell(short, 40)
        #expect(short.clients.count >= 94)
    }

    @Test("holds all that one client came for, however few clients it may hold")
    func fewClients() throws {
        let fleet = fleet(limits: FleetLimits(clients: 1, lifetime: .seconds(1000)))
        for time in Int64(1)...64 { fleet.merge([.fetching(.path("/\(time)"), at: time)]) }
        #expect(try #require(fleet.clients.first).fetches.count == 64)
        #expect(fleet.forgottenCount == 0)
    }

    @Test("takes nobody for coming from the future when the clock is set back, and what comes then for the latest")
    func setBack() throws {
        let clock = SharedClock(now: 9000)
        let fleet = Fleet(limits: Self.limits, trusting: TrustedProxies(), now: { clock.now })
        fleet.merge([.fetching(.v1, by: "a", at: 9000), .fetching(.v1, by: "b", at: 9000, .cut)])
        let told = fleet.news(after: 0, of: "me").revision
        clock.now = 100
        #expect(fleet.clients.allSatisfy { $0.last == 100 && $0.fetches[.v1]?.first == 100 })
        #expect(fleet.news(after: told, of: "me").clients.count == 2, "peers are told that it was otherwise")
        clock.now = 101
        fleet.merge([.fetching(.v1, by: "b", at: 101)])
        let client = try #require(fleet.clients.first { $0.key.name == "b" })
        #expect(client.fetches[.v1]?.last.outcome == .whole)
        // What was noted before is taken in after.
        fleet.merge([.fetching(.v2, by: "b", at: 9001, .cut)])
        clock.now = 102
        fleet.merge([.fetching(.v2, by: "b", at: 102)])
        #expect(fleet.clients.first { $0.key.name == "b" }?.fetches[.v2]?.last.outcome == .whole)
        clock.now = 1102
        #expect(names(fleet) == ["b"], "they are forgotten in time")
    }

    @Test("forgets who has not come for as long as clients are remembered")
    func forgetsLateComers() {
        let clock = SharedClock(now: 100)
        let fleet = Fleet(limits: Self.limits, trusting: TrustedProxies(), now: { clock.now })
        fleet.merge([.fetching(.v1, by: "a", at: 100)])
        clock.now = 1000
        fleet.merge([.fetching(.v1, by: "b", at: 1000)])
        #expect(names(fleet) == ["a", "b"])
        clock.now = 1101
        #expect(names(fleet) == ["b"])
        fleet.merge([.fetching(.v1, by: "a", at: 100)])
        #expect(names(fleet) == ["b"], "what is too long ago is not taken in again")
    }

    @Test("agrees with another of what both are told, in whichever order and however often")
    func agrees() {
        let records: [ClientRecord] = [
            .fetching(.v1, by: "a", at: 10), .fetching(.v1, by: "a", at: 10, .cut), .fetching(.v2, by: "a", at: 20),
            .fetching(.v1, by: "b", at: 5, agent: "curl/8"), .fetching(.v1, by: "b", at: 5, agent: "Envoy/1"),
            .fetching(.v1, by: "a", at: 30, .refused), .fetching(.v1, by: "b", at: 7, as: ["/x.wasm"]),
            .fetching(.v1, by: "b", at: 6, as: ["/y.wasm"]),
        ]
        let expected = fleet()
        expected.merge(records)
        for seed in 0..<50 {
            let other = fleet()
            var generator = SplitMix(seed: seed)
            let order = (records + records).shuffled(using: &generator)
            for record in order { other.merge([record]) }
            #expect(Set(other.clients) == Set(expected.clients))
        }
    }

    @Test("tells what is news since a number, and nothing twice")
    func changes() throws {
        let fleet = fleet()
        fleet.merge([.fetching(.v1, by: "a", at: 10), .fetching(.v1, by: "b", at: 10)])
        let first = fleet.news(after: 0, of: "me")
        #expect(first.clients.map(\.client) == ["a", "b"])
        #expect(!first.hasMore)
        #expect(fleet.news(after: first.revision, of: "me").clients.isEmpty)
        fleet.merge([.fetching(.v1, by: "a", at: 10)])
        #expect(fleet.news(after: first.revision, of: "me").clients.isEmpty, "that is no news")
        fleet.merge([.fetching(.v1, by: "a", at: 11)])
        let next = fleet.news(after: first.revision, of: "me")
        #expect(next.clients.map(\.client) == ["a"])
        #expect(next.revision > first.revision)
        let silence = fleet.news(after: next.revision, of: "me")
        #expect(silence.clients.isEmpty && silence.revision == next.revision)
    }
}

/// A clock that a test sets.
final class SharedClock: Sendable {
    private let seconds: Atomic<Int64>

    init(now: Int64) { seconds = Atomic(now) }

    var now: Int64 {
        get { seconds.load(ordering: .relaxed) }
        set { seconds.store(newValue, ordering: .relaxed) }
    }
}

extension Digest {
    static let v1 = Digest(of: [1])
    static let v2 = Digest(of: [2])
    static let v3 = Digest(of: [3])
}

extension FetchSubject {
    static let v1 = Self.digest(.v1)
    static let v2 = Self.digest(.v2)
    static let v3 = Self.digest(.v3)
}

extension ClientRecord {
    /// A client that fetches something once.
    static func fetching(
        _ subject: FetchSubject,
        by name: String = "192.0.2.7",
        at time: Int64,
        _ outcome: FetchOutcome = .whole,
        as modules: [String] = ["/plugin.wasm"],
        agent: String? = nil,
        from teller: String? = nil
    ) -> ClientRecord {
        let record = FetchRecord(
            first: time,
            last: .init(at: time, outcome, status: outcome == .refused ? 404 : 200, version: "HTTP/1.1"),
            lastSuccess: outcome.isSuccess ? time : nil,
            modules: modules,
            teller: teller
        )
        let kind = ClientKind(userAgent: agent, forwardedFor: agent == nil ? "10.0.0.1" : nil)
        return ClientRecord(ClientKey(.address, name, kind), userAgent: agent, subject, record)
    }
}
