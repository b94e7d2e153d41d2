// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import ServerClient

@testable import Peers

// What a test uses whose subject is not how long things take: on a machine that runs hundreds of tests at once, a
// connection or a lookup takes longer than anybody would wait in a cluster.

extension PeerClient {
    /// A client that waits for a connection as long as a test may take.
    ///
    /// - Parameters:
    ///   - security: Gives the TLS context of each connection; nil for none.
    ///   - stall: How long a peer may give nothing to speak of.
    /// - Returns: The client.
    static func unhurried(security: Security? = nil, stall: Duration = .seconds(600)) -> PeerClient {
        PeerClient(instance: "me", security: security, connectTimeout: .seconds(600), stall: stall)
    }
}

extension CachingResolver {
    /// A resolver that waits for its lookups as long as a test may take.
    ///
    /// - Parameter lookUp: Looks a host up.
    /// - Returns: The resolver, which knows no host yet.
    static func unhurried(lookUp: @escaping @Sendable (String) -> HostLookup = HostLookup.blocking) -> CachingResolver {
        CachingResolver(timing: .init(timeout: .seconds(600)), lookUp: lookUp)
    }
}

extension ListingRound {
    /// A round that waits for every list as long as a test may take.
    ///
    /// - Parameters:
    ///   - names: What the peers are called.
    ///   - port: Where those listen whose name has no port.
    ///   - resolver: Looks the names up.
    ///   - callers: Who has asked for lists.
    ///   - client: Asks the peers.
    ///   - own: Where the server that asks is about to listen.
    ///   - deadline: How long a peer may take.
    ///   - observer: Is told what happens.
    /// - Returns: The round, which has not begun.
    static func unhurried(
        _ names: [ServerName],
        port: Int = 1,
        resolver: CachingResolver = .unhurried(),
        callers: RecentCallers = .unhurried(),
        client: PeerClient = .unhurried(),
        own: OwnAddresses = OwnAddresses(host: nil, ports: []),
        deadline: Duration = .seconds(600),
        observer: EventLog
    ) -> ListingRound {
        let directory = PeerDirectory(
            names: names,
            defaultPort: port,
            resolver: resolver,
            callers: callers,
            observer: observer
        )
        return ListingRound(
            directory: directory,
            client: client,
            instance: "me",
            own: own,
            deadline: deadline,
            observer: observer
        )
    }
}

extension RecentCallers {
    /// Callers who are remembered as long as a test may take.
    static func unhurried() -> RecentCallers {
        let start = ContinuousClock.now
        return RecentCallers(now: { start })
    }
}
