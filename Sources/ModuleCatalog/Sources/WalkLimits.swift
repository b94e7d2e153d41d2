// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// How far a source is looked through: links among a few directories could make it any number of modules.
struct WalkLimits: Sendable {
    /// How deep below a source's directory modules are looked for.
    var depth = 16
    /// The most modules, each name that one is offered under counted: more than one server holds.
    var modules = Catalog.maximumModuleCount
    /// The most bytes that their paths may have together, as they stand in URLs, and the files that they lead to: each path stands in
    /// a dozen places of documents and metrics.
    var pathBytes = 1 << 20
    /// The most directories that are entered.
    var directories = 10_000
    /// The most names, of whatever kind, in all of these directories.
    var names = 100_000
    /// By how many names one directory may be entered: its own, and those of links.
    var namesOfDirectory = 64

    /// The count of a walk so far, and why it must end.
    struct Count {
        let limits: WalkLimits
        private let root: String
        private(set) var directories = 0
        private(set) var names = 0
        private(set) var modules = 0
        private var pathBytes = 0
        private var entries: [FileSystem.Facts.Identity: Int] = [:]

        init(of root: String, within limits: WalkLimits) {
            self.root = root
            self.limits = limits
        }

        /// How many names more may be seen.
        var remainingNames: Int { limits.names - names }

        /// Counts that a directory is entered.
        mutating func enter(_ identity: FileSystem.Facts.Identity, named directory: String) -> CatalogError? {
            directories += 1
            entries[identity, default: 0] += 1
            if directories > limits.directories { return tooLarge("has more than \(limits.directories) directories") }
            guard entries[identity, default: 0] > limits.namesOfDirectory else { return nil }
            return tooLarge("has more than \(limits.namesOfDirectory) names for one directory, \(directory) among them")
        }

        /// Counts the names in a directory.
        mutating func see(_ count: Int) -> CatalogError? {
            names += count
            return names > limits.names ? tooLarge("has more than \(limits.names) names in it") : nil
        }

        /// Counts a module that would be served at a path; tells why the walk must end, or nil.
        ///
        /// `length` is that of its file's name below the source's directory, in bytes, with every link resolved.
        mutating func offer(_ path: ModulePath, ofFileNamedIn length: Int) -> CatalogError? {
            modules += 1
            pathBytes += max(path.urlPath.utf8.count, length)
            if modules > limits.modules { return tooLarge("offers more than \(limits.modules) modules") }
            guard pathBytes > limits.pathBytes else { return nil }
            return tooLarge("offers modules whose paths have more than \(limits.pathBytes) bytes together")
        }

        private func tooLarge(_ reason: String) -> CatalogError {
            CatalogError(
                code: .conflict,
                subject: root,
                reason: "\(reason), so it was not looked through to its end",
                remedy: "take out what is not served, and links among its directories, or split it over several servers"
            )
        }
    }
}
