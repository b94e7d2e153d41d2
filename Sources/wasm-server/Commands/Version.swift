// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CVersion

/// What was built.
enum Version {
    /// The version of the program (Semantic Versioning 2.0.0).
    static let current = unsafe String(cString: version_number())

    /// The commit of its sources; `unknown` after a plain `swift build`.
    static let revision = unsafe String(cString: version_revision())

    /// What `--version` prints.
    static let line = "\(current) (revision \(revision))"
}
