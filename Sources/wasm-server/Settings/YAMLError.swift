// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Why a text of YAML cannot be used: the line, the reason and the remedy.
struct YAMLError: Error, Hashable {
    /// The line, from 1; nil if it is about the whole text.
    let line: Int?
    /// What is wrong, and what to write instead.
    let reason: String

    /// What follows the file's name in a message.
    var description: String { "\(line.map { ", line \($0)" } ?? ""): \(reason)" }

    /// An error about a line.
    init(line: Int?, _ reason: String) {
        (self.line, self.reason) = (line, reason)
    }
}
