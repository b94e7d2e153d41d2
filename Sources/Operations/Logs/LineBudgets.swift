// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Synchronization

/// Budgets of lines that clients can cause: ten for each reason in any ten seconds.
///
/// There are no more reasons than their type has values. The next line, or a call of ``settle()``, tells how many were
/// left out.
final class LineBudgets<Reason: Hashable & Sendable>: Sendable {
    private static var maximumCount: Int { 10 }

    private let now: @Sendable () -> ContinuousClock.Instant
    private let budgets = Mutex<[Reason: LineBudget]>([:])

    /// Budgets of which nothing is spent.
    init(now: @escaping @Sendable () -> ContinuousClock.Instant) {
        self.now = now
    }

    /// Spends a line about a reason, and returns how many were left out since the last one; nil if this is left out,
    /// too.
    func spend(on reason: Reason) -> Int? {
        budgets.withLock { $0[reason, default: Self.full].spend(at: now()) }
    }

    /// How many lines were left out and are not told yet, of each reason that there is room for again.
    func settle() -> [(Reason, Int)] {
        takeLeftOut { $0.settle(at: now()) }
    }

    /// How many lines were left out and are not told yet.
    func end() -> [(Reason, Int)] {
        takeLeftOut { $0.takeLeftOut() }
    }

    private func takeLeftOut(_ take: (inout LineBudget) -> Int) -> [(Reason, Int)] {
        budgets.withLock { budgets in
            budgets.keys.map { reason in (reason, take(&budgets[reason, default: Self.full])) }.filter { $0.1 > 0 }
        }
    }

    private static var full: LineBudget { LineBudget(maximumCount: maximumCount, per: LineBudget.span) }
}

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

    /// Spends a line, and returns how many were left out since the last one; nil if this one has to be, too.
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
