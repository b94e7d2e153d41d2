// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Why a certificate, a key or a bundle of authorities cannot be used; it never holds a part of a key.
package struct TLSError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The path of the file that it is about.
    package let file: String
    /// What is wrong with it.
    package let reason: String
    /// What a person can do about it.
    package let remedy: String

    /// Whether the file could not be had at all, whatever it holds.
    package let isUnreadable: Bool

    /// An error of a file.
    package init(file: String, reason: String, remedy: String, isUnreadable: Bool = false) {
        (self.file, self.reason, self.remedy, self.isUnreadable) = (file, reason, remedy, isUnreadable)
    }

    /// One line: the file, the reason, the remedy.
    package var description: String { "\(file): \(reason); \(remedy)" }
}
