// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Durations, counted by how long they were.
struct DurationTally {
    /// The upper bounds of the buckets, in nanoseconds.
    ///
    /// A small answer takes less than a millisecond, a module milliseconds to seconds. The last ones are when clients give
    /// up: Istio's agent after 5 or 15 seconds, Envoy and Envoy Gateway after 10, Istio's configuration after 30.
    static let bounds: [Double] = [1e6, 1e7, 1e8, 1e9, 5e9, 1e10, 3e10]

    /// How many there were up to the first bound.
    private(set) var quick: Int64 = 0
    /// How many there were beyond it, by bucket; the last is beyond all bounds.
    private(set) var slow: [Int64] = []
    /// All of them together, in nanoseconds: thousands of answers that wait beside each other would soon be too many for 64 bits.
    private(set) var sum = 0.0
    /// The last request of each bucket whose client named a trace.
    private(set) var exemplars: [Int: Exemplar] = [:]

    /// Counts one.
    mutating func add(_ duration: Duration) {
        // Nine seconds fit into 64 bits, which are divided faster.
        let attoseconds = duration.attoseconds
        add(nanoseconds: (Int64(exactly: attoseconds).map { Double($0) } ?? Double(attoseconds)) / 1e9)
    }

    /// Notes a request that was counted, whose client named its trace.
    mutating func add(exemplar: Exemplar) {
        let nanoseconds = exemplar.value * 1e9
        exemplars[Self.bounds.firstIndex { nanoseconds <= $0 } ?? Self.bounds.count] = exemplar
    }

    /// Counts one.
    mutating func add(nanoseconds: Double) {
        sum += nanoseconds
        guard nanoseconds > Self.bounds[0] else {
            quick += 1
            return
        }
        if slow.isEmpty { slow = Array(repeating: 0, count: Self.bounds.count) }
        let bucket = Self.bounds.dropFirst().firstIndex { nanoseconds <= $0 } ?? Self.bounds.count
        slow[bucket - 1] += 1
    }

    /// Counts those that were counted elsewhere.
    mutating func add(_ other: DurationTally) {
        sum += other.sum
        quick += other.quick
        exemplars.merge(other.exemplars) { $1 }
        slow = slow.isEmpty ? other.slow : other.slow.isEmpty ? slow : zip(slow, other.slow).map(+)
    }

    /// How many there were in each bucket, the last of which is beyond all bounds.
    var counts: [Int64] {
        [quick] + (slow.isEmpty ? Array(repeating: 0, count: Self.bounds.count) : slow)
    }
}
