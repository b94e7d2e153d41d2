// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What a new server got from its peers before it was ready.
package struct AdoptionReport: Hashable, Sendable {
    /// How many peers told their digests.
    package var answeredCount = 0
    /// Whether every peer that could be known told its digests.
    package var heardAll = false
    /// Whether it is known that nobody was there.
    package var isNobodyThere = false
    /// How many digests were fetched.
    package var adoptedCount = 0
    /// Their bytes together.
    package var adoptedBytes = 0
    /// How many digests nobody gave.
    package var failedCount = 0
    /// How many digests there was no room for.
    package var leftOutCount = 0
    /// How many digests there was no time for.
    package var lateCount = 0
    /// Whether the time was up before everyone was heard and everything was fetched.
    package var ranOutOfTime = false
}
