// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Fleet
internal import HTTPService
internal import ServerInterface

extension FuzzTarget {
    /// What a peer tells of clients.
    static let fleetNews = FuzzTarget("fleet-news") { (bytes: [UInt8]) in
        guard let news = FleetNews(bytes) else { return }
        let fleet = Fleet(
            limits: FleetLimits(clients: 4, lifetime: .seconds(1000)),
            trusting: TrustedProxies(),
            now: { 1000 }
        )
        fleet.merge(news, from: "192.0.2.1:9082")
        let clients = fleet.clients
        require(clients.count <= 4, "no more are remembered than may be")
        require(clients.allSatisfy { $0.last <= 1000 }, "nobody comes in the future")
        require(clients.allSatisfy { $0.fetches.count <= ClientRecord.mostFetches }, "nobody has too many fetches")
        require(clients.allSatisfy { $0.key.name.utf8.count <= ClientKey.longestName }, "no name is too long")
        require(
            clients.flatMap(\.fetches.values).allSatisfy { $0.first <= $0.last.time && $0.lastSuccess ?? 0 <= 1000 },
            "what came first came before what came last"
        )
        fleet.merge(news, from: "192.0.2.1:9082")
        require(Set(fleet.clients) == Set(clients), "what is told twice is no news")
        _ = Rollout(of: [RolloutModule(path: "/plugin.wasm", digest: nil, since: 0)], clients, now: 1000).entries
    }

    /// `X-Forwarded-For`, as anyone may send it.
    static let forwardedFor = FuzzTarget("forwarded-for") { (text: String) in
        let sender = ClientAddress.Host(ipv4: 0x0a00_0001)
        guard let trusted = try? AddressRange("10.0.0.0/8"), let all = try? AddressRange("0.0.0.0/0") else { return }
        require(TrustedProxies().client(of: text, from: sender) == nil, "nobody is believed who is not trusted")
        let client = TrustedProxies([trusted]).client(of: text, from: sender)
        let first = TrustedProxies([all]).client(of: text, from: sender)
        require((client == nil) == (first == nil), "whether there is an address at the end depends on the field alone")
        guard let client, !trusted.contains(client) else { return }
        require(
            TrustedProxies([trusted]).client(of: "198.51.100.1, \(text)", from: sender) == client,
            "what a client puts before its address changes nothing"
        )
    }

    /// A network, as people write it.
    static let addressRange = FuzzTarget("address-range") { (text: String) in
        guard let range = try? AddressRange(text) else { return }
        require((try? AddressRange("\(range)")) == range, "a network is what is written of it")
    }
}
