// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Why a text is not JSON: where that shows, and the reason.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The line, from 1.
    package let line: Int
    /// The column, from 1, in bytes.
    package let column: Int
    /// What is wrong there.
    package let reason: String

    /// One line: the place and the reason.
    package var description: String { "line \(line), column \(column): \(reason)" }
}
