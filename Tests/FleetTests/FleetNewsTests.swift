// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import ServerInterface
import Testing

@testable import Fleet

@Suite("What replicas tell each other of their clients")
struct FleetNewsTests {
    private func fleet(clients: Int = 5000, at now: Int64 = 1000) -> Fleet {
        Fleet(
            limits: FleetLimits(clients: clients, lifetime: .seconds(1000)),
            trusting: TrustedProxies(),
            now: { now }
        )
    }

    /// Has one replica learn all that another knows, over what is sent.
    private func tell(_ pupil: Fleet, all teacher: Fleet) throws {
        var revision = 0
        while true {
            let news = try #require(FleetNews(teacher.news(after: revision, of: "teacher").encoded()))
            pupil.merge(news, from: "192.0.2.1:8082")
            revision = news.revision
            guard news.hasMore else { return }
        }
    }

    @Test("is all that they know, though a replica that was replaced has forgotten everything")
    func restart() throws {
        let (first, second, third) = (fleet(), fleet(), fleet())
        let seen: [ClientRecord] = [
            .fetching(.v1, by: "a", at: 10), .fetching(.v2, by: "a", at: 20, .cut),
            .fetching(.v1, by: "b", at: 5, agent: "curl/8"),
            .fetching(.path("/x.wasm"), by: "c", at: 7, .refused, as: []),
        ]
        first.merge(seen)
        try tell(second, all: first)
        try tell(third, all: second)
        func facts(_ fleet: Fleet) -> [[String]] {
            fleet.clients.flatMap { client in
                client.fetches.map { subject, fetch in
                    [
                        client.key.name, client.key.kind.rawValue, client.userAgent ?? "", subject.text,
                        "\(fetch.first)",
                        "\(fetch.last)", "\(fetch.lastSuccess ?? -1)", "\(fetch.modules)",
                    ]
                }
            }
            .sorted { $0.joined() < $1.joined() }
        }
        #expect(facts(third) == facts(first))
        #expect(facts(third).count == 4)
        #expect(third.clients.allSatisfy { !$0.isSeenHere })
        #expect(third.clients.flatMap(\.fetches.values).allSatisfy { $0.teller == "192.0.2.1:8082" })
    }

    @Test("comes to an end: what was told by one is no news to it when it is told so")
    func echo() throws {
        let (first, second) = (fleet(), fleet())
        first.merge([.fetching(.v1, by: "a", at: 10)])
        let revision = first.news(after: 0, of: "first").revision
        try tell(second, all: first)
        try tell(first, all: second)
        #expect(first.news(after: revision, of: "first").clients.isEmpty)
        #expect(!first.clients.contains { !$0.isSeenHere })
    }

    @Test("comes in parts that are small enough to be read, and nobody is left out")
    func parts() throws {
        let (first, second) = (fleet(), fleet())
        let path = "/" + String(repeating: "p", count: 900) + ".wasm"
        for index in 0..<4000 { first.merge([.fetching(.v1, by: "client-\(index)", at: 10, as: [path])]) }
        #expect(first.news(after: 0, of: "first").hasMore)
        #expect(first.news(after: 0, of: "first").encoded().count <= FleetNews.maximumSize)
        try tell(second, all: first)
        #expect(second.clients.count == 4000)
    }

    @Test("is asked for from where it ended, unless it was told by another process")
    func target() {
        let target = FleetNews.target(after: 7, of: "abc")
        #expect(target == "/fleet/news?after=7&of=abc")
        let query = String(target.drop { $0 != "?" }.dropFirst())
        #expect(FleetNews.revision(in: query, of: "abc") == 7)
        #expect(FleetNews.revision(in: query, of: "abcd") == 0)
        for odd in [
            nil, "", "after=7", "after=&of=abc", "after=-1&of=abc", "after=99999999999999999999&of=abc",
            "of=abc&after=x",
        ] {
            #expect(FleetNews.revision(in: odd, of: "abc") == 0, "\(odd ?? "nil")")
        }
    }

    @Test(
        "is taken only as far as it can be shown",
        arguments: [
            #"{"client":"","identifiedBy":"address","kind":"envoy","fetches":[FETCH]}"#,
            #"{"client":"a","identifiedBy":"guess","kind":"envoy","fetches":[FETCH]}"#,
            #"{"client":"a","identifiedBy":"address","kind":"envoy","fetches":[]}"#,
            #"{"client":"a","identifiedBy":"address","kind":"envoy","fetches":[{"asked":"/x","modules":[],"first":20,"last":10,"outcome":"whole","status":200,"protocol":"HTTP/2"}]}"#,
            #"{"client":"a","identifiedBy":"address","kind":"envoy","fetches":[{"asked":"/x","modules":[],"first":-1,"last":10,"outcome":"whole","status":200,"protocol":"HTTP/2"}]}"#,
            #"{"client":"a","identifiedBy":"address","kind":"envoy","fetches":[{"asked":"/x","modules":[],"first":1,"last":10,"outcome":"eaten","status":200,"protocol":"HTTP/2"}]}"#,
            #"{"client":"a","identifiedBy":"address","kind":"envoy","fetches":[{"asked":"/x","modules":[],"first":1,"last":10,"outcome":"whole","status":99,"protocol":"HTTP/2"}]}"#,
        ]
    )
    func useless(_ client: String) throws {
        let fetch =
            #"{"asked":"/x","modules":[],"first":1,"last":10,"outcome":"whole","status":200,"protocol":"HTTP/2"}"#
        let text =
            #"{"instance":"x","revision":1,"hasMore":false,"modules":[],"clients":["#
            + client.replacing("FETCH", with: fetch) + "]}"
        let fleet = fleet()
        fleet.merge(try #require(FleetNews(Array(text.utf8))), from: "192.0.2.1:8082")
        #expect(fleet.clients.isEmpty)
    }

    @Test("never says that a client comes in the future, nor is longer than what is kept")
    func hostile() throws {
        let long = String(repeating: "x", count: 5000)
        let fetches = (0..<500).map { index in
            FleetNews.Fetch(
                of: "/\(index)\(long)",
                modules: [long, "/ok.wasm", "/2", "/3", "/4", "/5"],
                first: 1,
                last: .max,
                lastSuccess: .max,
                outcome: "whole",
                status: 200,
                protocol: long
            )
        }
        let client = FleetNews.Client(long, identifiedBy: "address", kind: long, userAgent: long, fetches: fetches)
        let fleet = fleet()
        fleet.merge(
            FleetNews(instance: long, revision: .max, hasMore: true, clients: [client], modules: []),
            from: "192.0.2.1:8082"
        )
        let record = try #require(fleet.clients.first)
        #expect(record.last == 1000)
        #expect(record.key.kind == .other)
        #expect(record.key.name.utf8.count == ClientKey.longestName)
        #expect(record.userAgent?.utf8.count == ClientRecord.longestUserAgent)
        #expect(record.fetches.count == ClientRecord.mostFetches)
        for (subject, fetch) in record.fetches {
            #expect(subject.text.utf8.count <= FetchSubject.longestPath)
            #expect(fetch.last.time == 1000 && fetch.lastSuccess == 1000)
            #expect(fetch.modules == ["/ok.wasm", "/2", "/3", "/4"])
            #expect(fetch.last.version.utf8.count <= 16)
        }
    }
}
