// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What it took to see whether anything has changed.
package struct LookCost: Sendable {
    /// How long it took.
    package let duration: Duration
    /// How much processor time, of whatever threads.
    package let processor: Duration
}
