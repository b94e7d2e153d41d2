// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Content

/// A module that was admitted and is served under its name: a current one.
package struct Module: Sendable {
    /// The path under which it is served.
    package let path: ModulePath
    /// Its bytes.
    package internal(set) var blob: SealedBlob
    /// When its file was last modified, in seconds since 1970; nil where there is no file.
    package let modified: Int64?
    /// The file it was read from, as a person would name it.
    package let origin: String
    /// Which of the sources it is of.
    let source: Int
    /// When these bytes became current under this path, in seconds since 1970.
    package internal(set) var since: Int64
    /// When these bytes were last fetched under this path, or by their digest.
    package internal(set) var lastFetch = LastFetch()
}

/// A module that was found and is not served.
package struct RejectedModule: Hashable, Sendable {
    /// The path under which it would be served, where one could be told.
    package let path: ModulePath?
    /// Why it is not.
    package let error: CatalogError
}

/// All that is served at one time.
///
/// It never changes; another replaces it whole.
package struct Snapshot: Sendable {
    /// What is served by name and by digest, in the order of the paths; at most one module a path.
    package let modules: [Module]
    /// What is served by digest only, because it was served or announced before.
    package let kept: [KeptModule]
    /// What was found and is not served; where it was served before, the last good stays.
    package let rejected: [RejectedModule]

    /// Whether everything that was found is served.
    package var isComplete: Bool { rejected.isEmpty }

    /// What is served from its parts.
    init(modules: [Module], kept: [KeptModule], rejected: [RejectedModule]) {
        self.modules = modules.sorted { $0.path < $1.path }
        self.kept = kept
        self.rejected = rejected
    }
}
