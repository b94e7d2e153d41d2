// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import ServerClient
import Testing

@testable import Peers

/// An adoption from fake peers, which is in no hurry unless a test wants it to be.
struct AdoptionScene {
    let adoption: Adoption
    let store: FakeModuleStore
    let log: EventLog

    init(
        _ names: [ServerName],
        port: Int = 1,
        resolver: CachingResolver = .unhurried(),
        own: OwnAddresses = OwnAddresses(host: nil, ports: []),
        store: FakeModuleStore = FakeModuleStore(),
        hedgingDelay: Duration = .seconds(600),
        pause: Duration = .milliseconds(250),
        log: EventLog = EventLog()
    ) {
        let client = PeerClient.unhurried()
        self.store = store
        self.log = log
        adoption = Adoption(
            listingRound: .unhurried(names, port: port, resolver: resolver, client: client, own: own, observer: log),
            client: client,
            store: store,
            observer: log,
            timing: PeerFetch.Timing(deadline: .seconds(600), hedgingDelay: hedgingDelay),
            pause: pause
        )
    }

    /// What is reported of it when it has ended.
    func adopt(within limit: Duration = .seconds(600)) async throws -> AdoptionReport {
        await adoption.adopt(within: limit)
        #expect(log.adoptions.count == 1)
        return try #require(log.adoptions.first)
    }
}
