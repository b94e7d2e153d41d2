// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Content

/// A module that was admitted and is served under its name: a current one.
package struct Module: Sendable {
    /// The path under which it is served.
    package let path: ModulePath
    /// Its bytes, as they were admitted.
    package internal(set) var content: AdmittedBlob
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

    /// Its bytes.
    package var blob: SealedBlob { content.blob }
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
    ///
    /// It has all that would have a path, which is no more than one server holds, and the first others of each source.
    package let rejected: [RejectedModule]
    /// How much was found and is not served.
    package let rejectedCount: Int

    /// The bytes of what is served by name, by their digest.
    let current: [Digest: SealedBlob]

    /// The most that is named one by one, to people and in documents, of what is rejected.
    package static let mostNamed = 100

    /// Whether everything that was found is served.
    package var isComplete: Bool { rejectedCount == 0 }

    /// What is named of what is rejected.
    package var namedRejections: ArraySlice<RejectedModule> { rejected.prefix(Self.mostNamed) }

    /// How much is rejected besides what is named.
    package var unnamedRejectionCount: Int { rejectedCount - namedRejections.count }

    /// A snapshot of what is served by name and by digest, what is kept by digest only, and what is rejected, named or
    /// only counted.
    init(modules: [Module], kept: [KeptModule], rejected: [RejectedModule], furtherRejectedCount: Int = 0) {
        self.modules = modules.sorted { $0.path < $1.path }
        current = Dictionary(modules.map { ($0.blob.digest, $0.blob) }, uniquingKeysWith: { first, _ in first })
        self.kept = kept
        self.rejected = rejected
        rejectedCount = rejected.count + furtherRejectedCount
    }

    /// Another snapshot with other modules kept.
    init(_ other: Snapshot, keeping kept: [KeptModule]) {
        modules = other.modules
        current = other.current
        self.kept = kept
        rejected = other.rejected
        rejectedCount = other.rejectedCount
    }
}
