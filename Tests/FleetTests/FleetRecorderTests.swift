// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import HTTPSemantics
import HTTPService
import Testing

@testable import Fleet

@Suite("What a fleet sees of exchanges")
struct FleetRecorderTests {
    private static let resource = RequestedResource(.name, paths: ["/plugin.wasm"], digest: .v1)

    private let clock = SharedClock(now: 100)
    private let fleet: Fleet
    private let recorder: FleetRecorder

    init() throws {
        let clock = clock
        fleet = Fleet(
            limits: FleetLimits(clients: 100, lifetime: .seconds(1000)),
            trusting: TrustedProxies([try AddressRange("10.0.0.0/8")]),
            now: { clock.now }
        )
        recorder = fleet.recorder()
    }

    private func exchange(
        _ status: Status = .ok,
        _ resource: RequestedResource? = resource,
        method: HTTPSemantics.Method = .get,
        path: String = "/plugin.wasm",
        from host: String = "192.0.2.7",
        as identity: String? = nil,
        fields: [(String, String)] = [],
        isComplete: Bool = true,
        over version: Exchange.ProtocolVersion = .http11
    ) throws -> Exchange {
        var own = RequestFields()
        for (name, value) in fields {
            own.add(name: name, value: value, reading: FieldSelection(own: ["wasm-server-peer"]))
        }
        return Exchange(
            request: RequestExcerpt(Request(method: method, path: path, fields: own)),
            response: Response(head: ResponseHead(status, []), body: .none, resource: resource),
            version: version,
            client: ClientAddress(try #require(ClientAddress.Host(text: host)), port: 4711),
            identity: identity.map { CertifiedIdentity($0) },
            isComplete: isComplete,
            duration: .zero
        )
    }

    private func seen(_ exchange: Exchange) throws -> FetchRecord? {
        recorder.exchangeEnded(exchange)
        return fleet.clients.first?.fetches.values.first
    }

    @Test(
        "is who fetched which bytes, by which protocol, and what came of it",
        arguments: [
            (.ok, true, .whole), (.ok, false, .cut), (.notModified, true, .notModified), (.partialContent, true, .part),
            (.partialContent, false, .cut), (.serviceUnavailable, true, .refused), (.forbidden, true, .refused),
        ] as [(Status, Bool, FetchOutcome)]
    )
    func fetch(_ status: Status, _ isComplete: Bool, _ outcome: FetchOutcome) throws {
        let fetch = try #require(try seen(exchange(status, isComplete: isComplete, over: .http2)))
        #expect(fetch.last == .init(at: 100, outcome, status: status.rawValue, version: "HTTP/2"))
        #expect(fetch.first == 100)
        #expect(fetch.lastSuccess == (outcome == .whole ? 100 : nil))
        #expect(fetch.modules == ["/plugin.wasm"])
        #expect(fleet.clients.first?.fetches.keys.first == .digest(.v1))
    }

    @Test("is nothing of what fetches no bytes, or of peers")
    func others() throws {
        #expect(try seen(exchange(method: .head)) == nil)
        #expect(try seen(exchange(.ok, Self.resource.asDigest)) == nil)
        #expect(try seen(exchange(.ok, nil, path: "/modules")) == nil)
        #expect(try seen(exchange(.notFound, nil, path: "/favicon.ico")) == nil)
        #expect(try seen(exchange(fields: [("wasm-server-peer", "abc")])) == nil)
    }

    @Test("is what was asked for, where there was nothing to give")
    func refused() throws {
        recorder.exchangeEnded(try exchange(.notFound, .missing(.name), path: "/plugn.wasm"))
        recorder.exchangeEnded(try exchange(.notFound, .missing(.digest), path: "/sha256/\(Digest.v2).wasm"))
        recorder.exchangeEnded(try exchange(.forbidden, nil, path: "/denied.wasm"))
        let fetches = try #require(fleet.clients.first).fetches
        #expect(Set(fetches.keys) == [.path("/plugn.wasm"), .digest(.v2), .path("/denied.wasm")])
        #expect(fetches.values.allSatisfy { $0.last.outcome == .refused })
    }

    @Test("is a client's certificate, or what a trusted proxy says, or its address")
    func identity() throws {
        let forwarded = [("x-forwarded-for", "198.51.100.7")]
        recorder.exchangeEnded(try exchange(as: "gateway.example", fields: forwarded))
        recorder.exchangeEnded(try exchange(from: "10.0.0.1", fields: forwarded))
        recorder.exchangeEnded(try exchange(from: "192.0.2.1", fields: forwarded))
        let keys = Set(fleet.clients.map { "\($0.key.evidence) \($0.key.name)" })
        #expect(keys == ["certificate gateway.example", "forwarded 198.51.100.7", "address 192.0.2.1"])
    }

    @Test(
        "is what a trusted proxy says, however long a list its client has made up, and wherever that is cut",
        arguments: Array(230...300)
    )
    func longList(_ length: Int) throws {
        let madeUp = String(repeating: "x", count: length) + ",10.9.9.9"
        let field = [("x-forwarded-for", "\(madeUp),203.0.113.66")]
        recorder.exchangeEnded(try exchange(from: "10.0.0.1", fields: field))
        #expect(fleet.clients.map(\.key.name) == ["203.0.113.66"])
        #expect(fleet.clients.map(\.key.evidence) == [.forwarded])
    }

    @Test("is a gateway and a person apart who share an address")
    func shared() throws {
        recorder.exchangeEnded(try exchange(fields: [("x-forwarded-for", "192.0.2.7")]))
        recorder.exchangeEnded(try exchange(fields: [("user-agent", "curl/8.5.0")]))
        #expect(Set(fleet.clients.map(\.key.kind)) == [.envoy, .curl])
    }

    @Test("is of `wasm-server probe` no gateway's, and nothing that says when a module was last fetched")
    func probe() throws {
        let (fetched, probed) = (LastFetch(), LastFetch())
        for (agent, lastFetch) in [
            ("Go-http-client/1.1", fetched), ("wasm-server-probe/0.1.0 Go-http-client/1.1", probed),
        ] {
            let resource = RequestedResource(
                .name,
                paths: ["/plugin.wasm"],
                digest: .v1,
                lastFetches: [lastFetch]
            )
            recorder.exchangeEnded(try exchange(.ok, resource, fields: [("user-agent", agent)]))
        }
        #expect(fetched.date == 100)
        #expect(probed.date == nil)
        let kinds = fleet.clients.map(\.key.kind)
        #expect(Set(kinds) == [.go, .probe])
        #expect(kinds.filter(\.isGateway) == [.go])
    }

    @Test("is the first and the last of many that are alike, however many")
    func many() throws {
        for time in Int64(100)..<1100 {
            clock.now = time
            recorder.exchangeEnded(try exchange())
        }
        let fetch = try #require(fleet.clients.first?.fetches.values.first)
        #expect(fetch.first == 100)
        #expect(fetch.last.time == 1099)
    }

    @Test("is everyone of many who come once")
    func crowd() throws {
        for index in 0..<99 { recorder.exchangeEnded(try exchange(from: "192.0.2.\(index)")) }
        #expect(fleet.clients.count == 99)
    }
}
