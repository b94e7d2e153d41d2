// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore
internal import Synchronization

/// Who has asked this server as a peer of late: a new replica does so before a name that is cached leads to it.
package final class RecentCallers: Sendable {
    /// For how long whoever has asked is believed to be a peer: longer than clusters cache addresses.
    static let lifetime = Duration.seconds(60)
    /// The most that are noted: of more, those that asked last.
    static let maximumCount = PeerDirectory.maximumCount

    private let asked = Mutex<[String: ContinuousClock.Instant]>([:])
    private let now: @Sendable () -> ContinuousClock.Instant

    /// Nobody has asked.
    package convenience init() {
        self.init(now: { .now })
    }

    /// Nobody has asked; the present is told by a clock.
    init(now: @escaping @Sendable () -> ContinuousClock.Instant) {
        self.now = now
    }

    /// Someone asks as a peer; event loops may tell.
    ///
    /// - Parameter client: The address and the port, `192.0.2.1:49152` or `[2001:db8::1]:49152`.
    func note(_ client: String) {
        guard let end = client.lastIndex(of: ":") else { return }
        let host = String(client[..<end].drop { $0 == "[" }.prefix { $0 != "]" })
        let now = now()
        asked.withLock { asked in
            asked[host] = now
            guard asked.count > Self.maximumCount, let oldest = asked.min(by: { $0.value < $1.value }) else { return }
            asked[oldest.key] = nil
        }
    }

    /// The addresses of those that asked of late, who asked last first.
    func addresses(port: Int) -> [SocketAddress] {
        let now = now()
        let recent = asked.withLock { asked in
            asked = asked.filter { now - $0.value < Self.lifetime }
            return asked.sorted { $0.value > $1.value }
        }
        return recent.compactMap { try? SocketAddress(ipAddress: $0.key, port: port) }
    }
}
