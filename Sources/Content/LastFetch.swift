// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Synchronization

/// When something was last fetched; any thread may note it.
package final class LastFetch: Sendable {
    private let seconds = Atomic(never)

    private static let never = Int64.min

    /// Of something that was never fetched.
    package init() {}

    /// When it was, in seconds since 1970; nil if it never was.
    package var date: Int64? {
        let date = seconds.load(ordering: .relaxed)
        return date == Self.never ? nil : date
    }

    /// Notes a fetch, at a date in seconds since 1970.
    package func note(at date: Int64) {
        seconds.store(date, ordering: .relaxed)
    }
}
