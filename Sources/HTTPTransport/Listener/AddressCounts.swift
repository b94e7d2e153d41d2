// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPService
internal import Synchronization

/// How many connections each client address has, where that has a limit.
final class AddressCounts: Sendable {
    private let limit: Int?
    private let counts = Mutex<[ClientAddress.Host: Int]>([:])

    /// No connections yet; nil for a limit lets any number in.
    init(limit: Int?) { self.limit = limit }

    /// Counts a connection; false, and it does not count, if its address has as many as one may have.
    func add(_ address: ClientAddress) -> Bool {
        guard let limit else { return true }
        return counts.withLock { counts in
            guard counts[address.host, default: 0] < limit else { return false }
            counts[address.host, default: 0] += 1
            return true
        }
    }

    /// Counts a connection no more.
    func remove(_ address: ClientAddress) {
        guard limit != nil else { return }
        counts.withLock { counts in
            guard let count = counts[address.host] else { return }
            counts[address.host] = count == 1 ? nil : count - 1
        }
    }
}
