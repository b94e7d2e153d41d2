// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Dispatch
internal import ServerClient
internal import Synchronization

/// What hosts have which addresses: looked up by threads that may wait.
///
/// Addresses in a cluster come and go with their pods, so they are looked up each time that they are asked for. While that
/// takes long, or fails, the old ones are used, and are known to be perhaps not all; so are those of a lookup that began
/// before they were asked for.
final class AddressBook: Sendable {
    /// The addresses of a host, 4 or 16 bytes each.
    struct Resolution: Hashable, Sendable {
        let addresses: [[UInt8]]
        /// Whether these are surely all that it has now.
        let isComplete: Bool
    }

    private struct Entry {
        var addresses: [[UInt8]] = []
        /// The number of the lookup that began last, and of the last one that came to something.
        var begun = 0
        var succeeded = 0
        /// Who waits for the lookup that is under way; nil if none is.
        var waiting: [AsyncStream<Never>.Continuation]?
    }

    private let entries = Mutex<[String: Entry]>([:])
    private let patience: Duration
    private let lookUp: @Sendable (String) -> HostLookup
    private let threads = DispatchQueue(label: "wasm-server.resolver", attributes: .concurrent)

    /// An empty book.
    ///
    /// - Parameters:
    ///   - patience: How long a lookup is waited for.
    ///   - lookUp: Looks a host up; it may wait.
    init(
        patience: Duration = .milliseconds(500),
        lookUp: @escaping @Sendable (String) -> HostLookup = HostLookup.blocking
    ) {
        self.patience = patience
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
        let (number, begins) = entries.withLock { entries in
            var entry = entries[host] ?? Entry()
            defer { entries[host] = entry }
            let begins = entry.waiting == nil
            // One that is under way began earlier, and does not do.
            let number = entry.begun + 1
            if begins { entry.begun = number }
            entry.waiting = (entry.waiting ?? []) + [continuation]
            return (number, begins)
        }
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
            let entry = entries[host] ?? Entry()
            return Resolution(
                addresses: Array(entry.addresses.prefix(HostLookup.maximumCount)),
                // A name that leads nowhere is more likely mistyped, or of a Service whose pods are not ready yet.
                isComplete: entry.succeeded >= number && (1...HostLookup.maximumCount).contains(entry.addresses.count)
            )
        }
    }

    private func take(_ result: HostLookup, for host: String) {
        let waiting = entries.withLock { entries in
            var entry = entries[host] ?? Entry()
            if case .addresses(let addresses) = result {
                entry.addresses = addresses
                entry.succeeded = entry.begun
            }
            defer { entries[host] = entry }
            return entry.waiting.take() ?? []
        }
        for continuation in waiting { continuation.finish() }
    }
}
