// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Dispatch
internal import ServerClient
internal import Synchronization

/// What hosts have which addresses: looked up by threads that may wait.
///
/// Addresses in a cluster come and go with their pods, so they are looked up each time that they are asked for. While that
/// takes long, or fails, the old ones are used, and are known to be perhaps not all; so are those of a lookup that began
/// before they were asked for. A lookup that hangs keeps no later one from being begun.
final class CachingResolver: Sendable {
    /// The addresses of a host, 4 or 16 bytes each.
    struct Resolution: Hashable, Sendable {
        let addresses: [[UInt8]]
        /// Whether these are surely all that it has now.
        let isComplete: Bool
    }

    /// How long things take.
    struct Timing: Sendable {
        /// How long a lookup is waited for.
        var timeout = Duration.seconds(1)
        /// For how long a host that has no address any more is believed to have those that it had.
        var memory = Duration.seconds(60)
    }

    /// The most lookups of a host that are under way; each takes a thread.
    private static let maximumLookups = 8
    /// The most of all hosts; beyond that, one of each.
    private static let maximumLookupsInAll = 32

    private struct Entry {
        var addresses: [[UInt8]] = []
        /// Until when they are used though the host has none any more.
        var expiry: ContinuousClock.Instant?
        /// The number of the lookup that began last, and of the one that began last of those that came to something.
        var begun = 0
        var succeeded = 0
        /// How many lookups are under way.
        var lookups = 0
        /// Who waits for that lookup or a later one, by the number of its call.
        var waiting: [Int: (number: Int, continuation: AsyncStream<Never>.Continuation)] = [:]
        var calls = 0
        /// Whether the last lookup that came to something came to at least one address, and to no more than are used.
        var isUsable = false

        /// Registers a call that waits for a lookup, its own if one may begin.
        ///
        /// - Parameters:
        ///   - continuation: Is told when the lookup has ended.
        ///   - lookups: How many are under way of all hosts.
        /// - Returns: The number of the call, that of the first lookup that does for it, and whether that begins.
        mutating func call(
            _ continuation: AsyncStream<Never>.Continuation,
            besides lookups: Int
        ) -> (call: Int, number: Int, begins: Bool) {
            // One that is under way began earlier, and does not do.
            let number = begun + 1
            let begins =
                self.lookups == 0
                || self.lookups < CachingResolver.maximumLookups && lookups < CachingResolver.maximumLookupsInAll
            if begins {
                begun = number
                self.lookups += 1
            }
            calls += 1
            waiting[calls] = (begun, continuation)
            return (calls, number, begins)
        }
    }

    private let entries = Mutex<[String: Entry]>([:])
    private let timing: Timing
    private let now: @Sendable () -> ContinuousClock.Instant
    private let lookUp: @Sendable (String) -> HostLookup

    /// An empty book.
    ///
    /// - Parameters:
    ///   - timing: How long things take.
    ///   - now: Tells the present.
    ///   - lookUp: Looks a host up; it may wait.
    init(
        timing: Timing = Timing(),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        lookUp: @escaping @Sendable (String) -> HostLookup = HostLookup.blocking
    ) {
        self.timing = timing
        self.now = now
        self.lookUp = lookUp
    }

    /// The addresses of a host.
    ///
    /// - Parameters:
    ///   - host: Its name.
    ///   - ended: Receives the outcome of the lookup, if this call begins one.
    /// - Returns: What is known in time.
    func addresses(of host: String, ended: @escaping @Sendable (HostLookup) -> Void) async -> Resolution {
        let (lookup, continuation) = AsyncStream.makeStream(of: Never.self)
        let (call, number, begins) = entries.withLock { entries in
            let lookups = entries.values.reduce(0) { $0 + $1.lookups }
            return entries[host, default: Entry()].call(continuation, besides: lookups)
        }
        if begins {
            // A queue of its own brings a thread of its own: one that hangs takes none of those that Swift's tasks share.
            DispatchQueue(label: "wasm-server.resolver").async { [self] in
                let result = lookUp(host)
                take(result, of: number, for: host)
                ended(result)
            }
        }
        await withTimeLimit(timing.timeout) {
            for await _ in lookup {}
        }
        return change(host) { entry in
            entry.waiting[call] = nil
            if let expiry = entry.expiry, expiry <= now() { (entry.addresses, entry.expiry) = ([], nil) }
            return Resolution(
                addresses: entry.addresses,
                // A name that leads nowhere is more likely mistyped, or of a Service whose pods are not ready yet.
                isComplete: entry.succeeded >= number && entry.isUsable
            )
        }
    }

    /// Takes the outcome of a lookup, unless a later lookup has ended already.
    private func take(_ result: HostLookup, of number: Int, for host: String) {
        let done = change(host) { entry in
            entry.lookups -= 1
            if case .addresses(let addresses) = result, number > entry.succeeded {
                entry.succeeded = number
                entry.isUsable = (1...HostLookup.maximumCount).contains(addresses.count)
                if !addresses.isEmpty {
                    entry.addresses = Array(addresses.prefix(HostLookup.maximumCount))
                    entry.expiry = nil
                } else if entry.expiry == nil {
                    entry.expiry = now() + timing.memory
                }
            }
            return entry.waiting.values.filter { $0.number <= number }.map(\.continuation)
        }
        for continuation in done { continuation.finish() }
    }

    /// How many lookups are under way.
    var lookupCount: Int { entries.withLock { $0.values.reduce(0) { $0 + $1.lookups } } }

    /// How many calls wait for a lookup.
    var waitingCount: Int { entries.withLock { $0.values.reduce(0) { $0 + $1.waiting.count } } }

    private func change<Result>(_ host: String, _ change: (inout Entry) -> Result) -> Result {
        entries.withLock { change(&$0[host, default: Entry()]) }
    }
}
