// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore

/// Something that a client owes, and since when.
struct Debt {
    private var number: Int?
    private var since: NIODeadline
    private var hasBeenLookedAt = false

    /// A debt that, if the first look sees it, was owed since that time.
    init(since: NIODeadline) {
        self.since = since
    }

    /// Looks at what is owed now.
    ///
    /// - Parameters:
    ///   - current: The debt's number; nil if nothing is owed.
    ///   - now: The time.
    ///   - limit: How long it may be owed; nil for any time.
    /// - Returns: Whether that was exceeded.
    mutating func isOverdue(_ current: Int?, _ now: NIODeadline, _ limit: TimeAmount?) -> Bool {
        if current != number, hasBeenLookedAt { since = now }
        hasBeenLookedAt = true
        number = current
        guard let limit, let time = time(at: now) else { return false }
        return time > limit
    }

    /// How long it has been owed; nil if nothing is.
    func time(at now: NIODeadline) -> TimeAmount? {
        number == nil ? nil : now - since
    }
}
