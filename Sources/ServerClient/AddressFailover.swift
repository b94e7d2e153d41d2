// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import NIOCore

/// Tries the addresses of a name in turn, within the time that there is for all of them.
struct AddressFailover {
    /// The time of one address.
    struct Time: Equatable {
        /// How long it may take to accept a connection.
        let connecting: Duration
        /// How long it may take to answer.
        let whole: Duration
    }

    private let addresses: [SocketAddress]
    private let timeout: Duration
    private let now: () -> ContinuousClock.Instant

    /// The least time to connect: a far server needs that, however many addresses its name has.
    private static let leastPart = Duration.milliseconds(500)

    /// The addresses, and how long they may take together; `now` tells the time.
    init(
        _ addresses: [SocketAddress],
        within timeout: Duration,
        now: @escaping () -> ContinuousClock.Instant = { .now }
    ) {
        (self.addresses, self.timeout, self.now) = (addresses, timeout, now)
    }

    /// What the first address gives that accepts a connection.
    ///
    /// One that drops packets without a word costs no more than its part of what is left, so that the others are tried.
    ///
    /// - Throws: What went wrong at the first address that accepted a connection, or else at the last.
    func first<Result>(
        _ ask: (SocketAddress, Time) async throws(FetchError) -> Result
    ) async throws(FetchError) -> Result {
        let end = now().advanced(by: timeout)
        var failure = FetchError.timedOut(afterConnecting: false)
        for (index, address) in addresses.enumerated() {
            let rest = now().duration(to: end)
            guard rest > .zero else { break }
            do throws(FetchError) {
                let part = max(rest / (addresses.count - index), Self.leastPart)
                return try await ask(address, Time(connecting: min(part, rest), whole: rest))
            } catch {
                switch error {
                case .refused, .unreachable, .timedOut(afterConnecting: false): failure = error
                default: throw error
                }
            }
        }
        throw failure
    }
}

/// What the system's resolver says about a host.
package enum HostLookup: Hashable, Sendable {
    /// Its addresses, 4 or 16 bytes each; none if there is no such name.
    case addresses([[UInt8]])
    /// It is not known what addresses it has; why.
    case failed(reason: String)

    /// The most addresses of one host; one more tells that there are more.
    package static let maximumCount = 64

    /// Asks the system's resolver, which may take long: never on an event loop.
    package static func blocking(_ host: String) -> HostLookup {
        final class Collector { var addresses: [[UInt8]] = [] }
        let collector = Collector()
        let context = unsafe Unmanaged.passUnretained(collector).toOpaque()
        let failure = unsafe platform_addresses(host, context) { context, bytes, count in
            guard let context = unsafe context else { return }
            let collector = unsafe Unmanaged<Collector>.fromOpaque(context).takeUnretainedValue()
            let address = unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
            guard collector.addresses.count <= HostLookup.maximumCount, !collector.addresses.contains(address) else {
                return
            }
            collector.addresses.append(address)
        }
        if let failure = unsafe failure { return unsafe .failed(reason: String(cString: failure)) }
        return .addresses(collector.addresses)
    }
}
