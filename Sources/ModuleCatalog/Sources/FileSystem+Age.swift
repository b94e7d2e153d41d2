// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

extension FileSystem.Facts {
    /// The longest that the clock which stamps files stands still, generously, in nanoseconds.
    private static let tick: Int64 = 20_000_000
    private static let largestSkew: Int64 = 1_000_000_000

    /// When its bytes or its inode changed, in nanoseconds since 1970: of a time that is too far away to be told so, the farthest.
    var changedNanoseconds: Int64 {
        let (whole, isTooFar) = changed[0].multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, isFarther) = whole.addingReportingOverflow(changed[1])
        guard isTooFar || isFarther else { return sum }
        return changed[0] < 0 ? .min : .max
    }

    /// Whether the file changed so lately that a further change might not show.
    ///
    /// Any time may stand in a file system: a difference that is too large for a number is no small one.
    ///
    /// - Parameter now: The present by the clock that stamps files, in nanoseconds since 1970.
    /// - Returns: Whether it did; not for a time further in the future, which is that of another clock, as network file systems have.
    func isFresh(at now: Int64) -> Bool {
        let (age, isTooLarge) = now.subtractingReportingOverflow(changedNanoseconds)
        return !isTooLarge && age < Self.tick && age > -Self.largestSkew
    }
}
