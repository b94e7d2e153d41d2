// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Numbers that look random, the same each time (Steele, Lea and Flood: "Fast splittable pseudorandom number generators").
package struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    /// The numbers that follow from a seed.
    package init(seed: Int) { state = UInt64(seed) }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var bits = state
        bits = (bits ^ bits >> 30) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ bits >> 27) &* 0x94d0_49bb_1331_11eb
        return bits ^ bits >> 31
    }
}
