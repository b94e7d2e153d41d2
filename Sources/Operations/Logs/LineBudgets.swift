// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Synchronization

/// Budgets of lines that clients can cause: ten for each reason in any ten seconds.
///
/// There are no more reasons than their type can tell apart. How many lines were left out is told before the next line, or
/// when whoever drives the log has it settled.
final class LineBudgets<Reason: Hashable & Sendable>: Sendable {
    private static var maximumCount: Int { 10 }

    private let now: @Sendable () -> ContinuousClock.Instant
    private let budgets = Mutex<[Reason: LineBudget]>([:])

    /// Budgets of which nothing is spent.
    ///
    /// - Parameter now: Tells the present.
    init(now: @escaping @Sendable () -> ContinuousClock.Instant) {
        self.now = now
    }

    /// Spends a line.
    ///
    /// - Parameter reason: What it is about.
    /// - Returns: How many lines were left out since the last one; nil if this one has to be, too.
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
