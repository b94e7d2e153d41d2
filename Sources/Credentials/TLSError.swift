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

    /// An error of a file.
    package init(file: String, reason: String, remedy: String) {
        (self.file, self.reason, self.remedy) = (file, reason, remedy)
    }

    /// One line: the file, the reason, the remedy.
    package var description: String { "\(file): \(reason); \(remedy)" }
}
