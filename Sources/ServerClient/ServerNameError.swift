// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Why a text names no server: the text, the reason and the remedy.
package struct ServerNameError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was given.
    package let text: String
    /// What is wrong with it.
    package let reason: String
    /// What a person can do about it.
    package let remedy: String

    /// One line: the text, the reason, the remedy.
    package var description: String { "\(text): \(reason); \(remedy)" }
}
