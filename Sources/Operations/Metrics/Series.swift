// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// One set of labels of one family: it takes values from any thread, without a lock.
protocol Series: AnyObject, Sendable {
    /// What kind of family it belongs to.
    static var kind: MetricFamily.Kind { get }
    /// Which series it is.
    var identity: SeriesIdentity { get }
    /// A series that has seen nothing.
    init(_ identity: SeriesIdentity)
    /// Its lines.
    var samples: [MetricFamily.Sample] { get }
}

/// Which series it is.
struct SeriesIdentity: Hashable, Sendable {
    /// The family's name.
    let name: String
    /// What tells it from others of the family.
    let labels: LabelSet
}
