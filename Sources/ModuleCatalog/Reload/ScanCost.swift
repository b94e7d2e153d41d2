// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What it took to see whether anything has changed.
package struct ScanCost: Sendable {
    /// How long it took.
    package private(set) var duration = Duration.zero
    /// How much processor time.
    package private(set) var processor = Duration.zero

    /// What it took, from its parts.
    package init(duration: Duration = .zero, processor: Duration = .zero) {
        self.duration = duration
        self.processor = processor
    }

    /// Takes note of another look, if that took more.
    mutating func note(_ other: ScanCost) {
        duration = max(duration, other.duration)
        processor = max(processor, other.processor)
    }
}

/// What one look took.
package struct ScanCosts: Sendable {
    /// Looking through each source, by its number.
    package let sources: [ScanCost]
    /// The processor time of comparing what they offer with what is known.
    package let comparison: Duration
}
