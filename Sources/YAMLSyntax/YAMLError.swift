// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Why a text of YAML cannot be used: the line, the reason and the remedy.
package struct YAMLError: Error, Hashable, Sendable {
    /// The line, from 1; nil if it is about the whole text.
    package let line: Int?
    /// What is wrong, and what to write instead.
    package let reason: String

    /// What follows the file's name in a message.
    package var description: String { "\(line.map { ", line \($0)" } ?? ""): \(reason)" }

    /// An error about a line.
    package init(line: Int?, _ reason: String) {
        (self.line, self.reason) = (line, reason)
    }

    /// What is no fault of any line's: there is not enough memory.
    static let unreadable = YAMLError(line: nil, "cannot be read as YAML; make it smaller and simpler")
}
