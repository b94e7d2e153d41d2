// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What a text of YAML may cost its reader, which bounds none of it by itself.
package struct YAMLLimits: Sendable {
    /// The most levels of lists and mappings, the scalars within included: more than anyone writes, and few enough for
    /// every stack.
    package static let levels = 100

    /// The longest text, in bytes.
    package var size = 1 << 20
    /// How many values and bytes of text it may stand for, when each alias is replaced by what it stands for.
    ///
    /// Without aliases no text stands for more than three for every two of its bytes.
    package var extent = 2 << 20

    /// The limits for what a person writes.
    package init() {}

    /// Limits of one's own.
    package init(size: Int, extent: Int) {
        (self.size, self.extent) = (size, extent)
    }
}
