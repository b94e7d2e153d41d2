// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// At most so many lines in any span of time, and how many were left out.
package struct LineBudget: Sendable {
    /// How long the lines that a client can cause for one reason last.
    package static let span = Duration.seconds(10)

    private let maximumCount: Int
    private let span: Duration
    /// When the last lines were let through, the oldest first.
    private var times: [ContinuousClock.Instant] = []
    private var leftOut = 0

    init(maximumCount: Int, per span: Duration) {
        self.maximumCount = maximumCount
        self.span = span
    }

    /// Spends a line.
    ///
    /// - Parameter now: The present.
    /// - Returns: How many lines were left out since the last one; nil if this one has to be, too.
    mutating func spend(at now: ContinuousClock.Instant) -> Int? {
        if times.count == maximumCount, let oldest = times.first {
            guard oldest.duration(to: now) >= span else {
                leftOut += 1
                return nil
            }
            times.removeFirst()
        }
        times.append(now)
        return takeLeftOut()
    }

    /// How many lines were left out since the last one and are not told yet, if there is room for a line again.
    mutating func settle(at now: ContinuousClock.Instant) -> Int {
        guard let oldest = times.first, oldest.duration(to: now) >= span else { return 0 }
        return takeLeftOut()
    }

    /// How many lines were left out since the last one and are not told yet.
    mutating func takeLeftOut() -> Int {
        defer { leftOut = 0 }
        return leftOut
    }
}
