// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPService
import NIOCore
import Testing

@testable import HTTPProtocol
@testable import HTTPTransport

@Suite("When there is no room, and somebody waits")
struct ConnectionEvictionTests {
    private typealias Activity = ConnectionEviction.Activity

    private static let eviction = ConnectionEviction(
        limits: ConnectionLimits(),
        interval: .milliseconds(250),
        fairShare: 1
    )

    private static func network(_ number: Int) -> ClientNetwork {
        .address(UInt32(number))
    }

    private static func fetching(_ number: Int, pace: Int?) -> Activity {
        Activity(network: network(number), waiting: nil, pace: pace)
    }

    private static func idle(_ number: Int, _ seconds: Int64) -> Activity {
        Activity(network: network(number), waiting: (true, .seconds(seconds)), pace: nil)
    }

    /// Who leaves when a thousand have been waiting for ten seconds.
    private static func evicted(from connections: [Activity]) -> [Int] {
        eviction.evicted(from: connections, for: 1000, waiting: .seconds(10))
    }

    @Test("the slowest of whoever has the most leave first, one in eight at a time")
    func mostAndSlowest() {
        let greedy = (0..<1000).map { Self.fetching(1, pace: 1_000_000 - $0) }
        let others = (0..<1000).map { Self.fetching(2 + $0, pace: 900_000) }
        let evicted = Self.evicted(from: others + greedy)
        #expect(evicted == (1750..<2000).reversed().map(\.self))
    }

    @Test("so they do where 64 addresses share all places among them, beside gateways that have one each")
    func many() {
        let attackers = (0..<4032).map { Self.fetching($0 % 64, pace: 18_000) }
        let gateways = (0..<64).map { Self.fetching(1000 + $0, pace: 20_000) }
        let evicted = Self.evicted(from: gateways + attackers)
        #expect(evicted.count == 512)
        #expect(evicted.allSatisfy { $0 >= 64 })
    }

    @Test("nobody leaves who has no more than a share, and takes what it is sent, however many they are")
    func gateways() {
        #expect(Self.evicted(from: (0..<4096).map { Self.fetching($0, pace: 30_000) }).isEmpty)
        #expect(Self.evicted(from: (0..<4096).map { Self.fetching($0, pace: nil) }).isEmpty)
    }

    @Test("who takes next to nothing leaves, though every address has one connection")
    func slow() {
        let connections = (0..<20).map { Self.fetching($0, pace: $0 == 7 ? 2600 : 30_000) }
        #expect(Self.evicted(from: connections) == [7])
    }

    @Test("who never asked leaves at once, who is slow after that, and who is idle if there is nobody else")
    func order() {
        let idle = Activity(network: Self.network(2), waiting: (true, .seconds(60)), pace: nil)
        let silent = Activity(network: Self.network(3), waiting: (false, .seconds(1)), pace: nil)
        let newcomer = Activity(network: Self.network(4), waiting: (false, .milliseconds(100)), pace: nil)
        let slow = Self.fetching(1, pace: 10)
        let fast = Self.fetching(5, pace: 1_000_000)
        #expect(
            Self.eviction.evicted(from: [slow, idle, silent, newcomer], for: 1000, waiting: .milliseconds(250)) == [2]
        )
        #expect(Self.eviction.evicted(from: [slow, idle, newcomer], for: 1000, waiting: .milliseconds(250)).isEmpty)
        #expect(Self.evicted(from: [slow, idle, silent, newcomer]) == [2])
        #expect(Self.evicted(from: [slow, idle, fast, newcomer]) == [0])
        #expect(Self.evicted(from: [fast, idle, newcomer]) == [1])
    }

    @Test("of those that are idle the longest leave first, of whoever has the most")
    func idle() {
        #expect(Self.evicted(from: [Self.idle(1, 60), Self.idle(2, 5), Self.idle(2, 9), Self.idle(2, 7)]) == [2])
    }

    @Test(
        "no download ends while there are idle connections, though gateways share an address, and those that idle do not"
    )
    func downloadsBehindOneAddress() {
        let gateways = (0..<30).map { _ in Self.fetching(1, pace: 500_000) }
        for addresses in [1, 33, 950] {
            let holders = (0..<950).map { Self.idle(2 + $0 % addresses, 5) }
            let evicted = Self.evicted(from: gateways + holders)
            #expect(evicted.count == 123)
            #expect(evicted.allSatisfy { $0 >= gateways.count })
        }
    }

    @Test("who has just been answered stays: it may be about to ask for what comes next")
    func betweenRequests() {
        let justAnswered = Activity(network: Self.network(1), waiting: (true, .milliseconds(100)), pace: nil)
        #expect(Self.evicted(from: [justAnswered, justAnswered]).isEmpty)
    }

    @Test("a thread that has fewer than others gives up none of the few that have asked")
    func fewOfMany() {
        var eviction = Self.eviction
        eviction.fairShare = 100
        let few = [Self.idle(1, 10), Self.idle(2, 20)]
        #expect(eviction.evicted(from: few, for: 5, waiting: .seconds(10)) == [])
        eviction.fairShare = 2
        #expect(eviction.evicted(from: few, for: 5, waiting: .seconds(10)) == [1])
    }

    @Test("no more leave than wait")
    func asManyAsWait() {
        let connections = (0..<1000).map { Self.idle(1, Int64($0)) }
        #expect(Self.eviction.evicted(from: connections, for: 2, waiting: .seconds(10)) == [999, 998])
    }

    @Test("the addresses of an IPv6 host count as one, and an IPv4 address is the same behind IPv6")
    func networks() throws {
        func network(_ address: String) throws -> ClientNetwork {
            ClientNetwork(ClientAddress(try SocketAddress(ipAddress: address, port: 1)))
        }
        #expect(try network("2001:db8::1") == network("2001:db8::ffff:1"))
        #expect(try network("2001:db8::1") != network("2001:db8:0:1::1"))
        #expect(try network("::ffff:192.0.2.1") == network("192.0.2.1"))
        #expect(try network("192.0.2.1") != network("192.0.2.2"))
    }
}
