// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Content

/// A module that was admitted and is served.
package struct Module: Sendable {
    /// The path under which it is served.
    package let path: ModulePath
    /// Its bytes.
    package let blob: SealedBlob
    /// When its file was last modified, in seconds since 1970; nil where there is no file.
    package let modified: Int64?
    /// The file it was read from, as a person would name it.
    package let origin: String
}

/// A module that was found and is not served.
package struct RefusedModule: Sendable {
    /// The path under which it would be served, where one could be told.
    package let path: ModulePath?
    /// Why it is not.
    package let error: CatalogError
}

/// All that is served at one time.
///
/// It never changes; another replaces it whole.
package struct Snapshot: Sendable {
    /// What is served, in the order of the paths; at most one module a path.
    package let modules: [Module]
    /// What was found and is not served.
    package let refused: [RefusedModule]

    /// Whether everything that was found is served.
    package var isComplete: Bool { refused.isEmpty }
}
