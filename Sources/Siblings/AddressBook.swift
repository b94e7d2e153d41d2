// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Dispatch
internal import ServerClient
internal import Synchronization

/// What hosts have which addresses: looked up by threads that may wait, and remembered for a while.
///
/// Addresses in a cluster come and go with their pods, so they are looked up anew when they are a few seconds old. While
/// that takes long, or fails, the old ones are used, and are known to be perhaps not all.
final class AddressBook: Sendable {
    /// The addresses of a host, 4 or 16 bytes each.
    struct Resolution: Hashable, Sendable {
        let addresses: [[UInt8]]
        /// Whether these are surely all that it has now.
        let isComplete: Bool
    }

    private struct Entry {
        var addresses: [[UInt8]] = []
        var lookedUp: ContinuousClock.Instant?
        /// Who waits for the lookup that is under way; nil if none is.
        var waiting: [AsyncStream<Never>.Continuation]?
    }

    /// For how long addresses are taken to be right.
    private static let lifetime = Duration.seconds(5)

    private let entries = Mutex<[String: Entry]>([:])
    private let patience: Duration
    private let now: @Sendable () -> ContinuousClock.Instant
    private let lookUp: @Sendable (String) -> HostLookup
    private let threads = DispatchQueue(label: "wasm-server.resolver", attributes: .concurrent)

    /// An empty book.
    ///
    /// - Parameters:
    ///   - patience: How long a lookup is waited for.
    ///   - now: Tells the time.
    ///   - lookUp: Looks a host up; it may wait.
    init(
        patience: Duration = .milliseconds(500),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        lookUp: @escaping @Sendable (String) -> HostLookup = HostLookup.blocking
    ) {
        self.patience = patience
        self.now = now
        self.lookUp = lookUp
    }

    /// The addresses of a host.
    ///
    /// - Parameters:
    ///   - host: Its name.
    ///   - ended: Is told what a lookup comes to that this call begins.
    /// - Returns: What is known in time.
    func addresses(of host: String, ended: @escaping @Sendable (HostLookup) -> Void) async -> Resolution {
        let (lookup, continuation) = AsyncStream.makeStream(of: Never.self)
        let (known, begins) = entries.withLock { entries in
            let known = fresh(entries[host])
            let begins = known == nil && entries[host]?.waiting == nil
            if known == nil {
                entries[host, default: Entry()].waiting = (entries[host]?.waiting ?? []) + [continuation]
            }
            return (known, begins)
        }
        if let known { return known }
        if begins {
            threads.async { [self] in
                let result = lookUp(host)
                take(result, for: host)
                ended(result)
            }
        }
        await withTimeLimit(patience) {
            for await _ in lookup {}
        }
        return entries.withLock { entries in
            fresh(entries[host])
                ?? Resolution(addresses: entries[host]?.addresses ?? [], isComplete: false)
        }
    }

    private func take(_ result: HostLookup, for host: String) {
        let waiting = entries.withLock { entries in
            var entry = entries[host] ?? Entry()
            if case .addresses(let addresses) = result {
                entry.addresses = addresses
                entry.lookedUp = now()
            }
            defer { entries[host] = entry }
            return entry.waiting.take() ?? []
        }
        for continuation in waiting { continuation.finish() }
    }

    private func fresh(_ entry: Entry?) -> Resolution? {
        guard let entry, let lookedUp = entry.lookedUp, now() - lookedUp <= Self.lifetime else { return nil }
        return Resolution(
            addresses: Array(entry.addresses.prefix(HostLookup.maximumCount)),
            // A name that leads nowhere is more likely mistyped, or of a Service whose pods are not ready yet.
            isComplete: (1...HostLookup.maximumCount).contains(entry.addresses.count)
        )
    }
}
