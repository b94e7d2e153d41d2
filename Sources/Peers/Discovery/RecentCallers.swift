// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Synchronization

/// The peers that have asked this server recently.
///
/// A new replica asks before a cached name leads to it.
package final class RecentCallers: Sendable {
    /// How long a caller counts as a peer: longer than clusters cache addresses.
    static let lifetime = Duration.seconds(60)
    /// The most that are noted: of more, those that asked last.
    static let maximumCount = PeerDirectory.maximumCount

    /// Who has asked.
    struct Caller: Hashable, Sendable {
        /// Where it asked from; it may be found there, unless its address is translated on the way.
        let host: String
        /// Which process it says to be.
        let instance: String
    }

    /// The most Unicode scalars of an instance that are noted; ours have 16.
    private static let maximumInstanceCount = 64

    private let asked = Mutex<[Caller: ContinuousClock.Instant]>([:])
    private let now: @Sendable () -> ContinuousClock.Instant

    /// Nobody has asked.
    package convenience init() {
        self.init(now: { .now })
    }

    /// Nobody has asked; `now` is the clock.
    init(now: @escaping @Sendable () -> ContinuousClock.Instant) {
        self.now = now
    }

    /// Someone asks as a peer; event loops may tell.
    ///
    /// - Parameters:
    ///   - client: The address and the port, `192.0.2.1:49152` or `[2001:db8::1]:49152`.
    ///   - instance: Which process it says to be.
    func note(_ client: String, as instance: String) {
        guard let end = client.lastIndex(of: ":") else { return }
        let host = String(client[..<end].drop { $0 == "[" }.prefix { $0 != "]" })
        let caller = Caller(host: host, instance: String(instance.unicodeScalars.prefix(Self.maximumInstanceCount)))
        let now = now()
        asked.withLock { asked in
            asked[caller] = now
            guard asked.count > Self.maximumCount else { return }
            // Whoever says to be many makes room first.
            let counts = Dictionary(asked.keys.map { ($0.host, 1) }, uniquingKeysWith: +)
            let most = counts.values.max()
            let leaving = asked.filter { counts[$0.key.host] == most }.min { $0.value < $1.value }
            if let leaving { asked[leaving.key] = nil }
        }
    }

    /// The recent callers, the latest first.
    var all: [Caller] {
        let now = now()
        return asked.withLock { asked in
            asked = asked.filter { now - $0.value < Self.lifetime }
            return asked.sorted { $0.value > $1.value }.map(\.key)
        }
    }
}
