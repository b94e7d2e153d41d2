// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// One walk through a directory source.
struct DirectoryWalk {
    /// The source's directory with every link resolved: nothing outside it is served.
    private let root: String
    private var listing = SourceListing()
    /// The directories that lead to the current one.
    private var ancestors: [FileSystem.Facts.Identity] = []
    private var count: WalkLimits.Count
    /// Why the walk ends before it has seen everything.
    private var end: CatalogError?

    /// What is found in a directory and below.
    ///
    /// - Throws: ``CatalogError`` if it cannot be looked at, or is larger than the limits allow.
    static func listing(of directory: String, within limits: WalkLimits = WalkLimits()) throws(CatalogError)
        -> SourceListing
    {
        var walk = DirectoryWalk(
            root: try FileSystem.resolved(directory),
            count: WalkLimits.Count(of: directory, within: limits)
        )
        try walk.enter(directory, prefix: "", depth: 0)
        if let end = walk.end { throw end }
        return walk.listing
    }

    private init(root: String, count: WalkLimits.Count) {
        self.root = root
        self.count = count
    }

    private mutating func enter(_ directory: String, prefix: String, depth: Int) throws(CatalogError) {
        let identity = try FileSystem.facts(at: directory).identity
        guard !ancestors.contains(identity) else { return }
        end = count.enter(identity, named: directory)
        guard end == nil else { return }
        let names = try FileSystem.names(in: directory, most: count.remainingNames)
        end = count.see(names.count)
        ancestors.append(identity)
        defer { ancestors.removeLast() }
        for name in names where !Self.isPassedOver(name) {
            guard end == nil else { return }
            do {
                try visit(name, in: directory, prefix: prefix, depth: depth)
            } catch {
                listing.rejected.append(error)
            }
        }
    }

    private static func isPassedOver(_ name: String) -> Bool { name.hasPrefix(".") || name == "lost+found" }

    private mutating func visit(
        _ name: String,
        in directory: String,
        prefix: String,
        depth: Int
    ) throws(CatalogError) {
        let file = directory.utf8.last == UInt8(ascii: "/") ? "\(directory)\(name)" : "\(directory)/\(name)"
        let isNamedAsModule = name.hasSuffix(ModulePath.suffix)
        guard !name.hasBytesThatAreNotUTF8 else {
            if isNamedAsModule || name.isNearlyNamedAsModule {
                throw .unusableName(file, "has a name that is not UTF-8", "rename it")
            }
            return
        }
        let facts: FileSystem.Facts
        do {
            facts = try FileSystem.facts(at: file)
        } catch {
            // A dangling link that is not named like a module is as little our business as any other file. What cannot be
            // looked at may be a directory with modules that are served.
            guard isNamedAsModule || error.code != .missing else { return }
            throw error
        }
        guard facts.kind == .directory || isNamedAsModule else {
            if name.isNearlyNamedAsModule {
                throw .unusableName(file, "does not end in \(ModulePath.suffix) to the letter", "rename it")
            }
            return
        }
        let target = try targetWithinRoot(of: file)
        if facts.kind == .directory {
            try Self.requireNotNamedAsModule(file)
            guard depth < count.limits.depth else {
                throw .unusableName(file, "lies more than \(count.limits.depth) directories deep", "move it up")
            }
            try enter(file, prefix: "\(prefix)\(name)/", depth: depth + 1)
        } else {
            let path = try ModulePath("\(prefix)\(name)", of: file)
            end = count.offer(path, ofFileNamedIn: target.utf8.count - root.utf8.count)
            if end == nil { listing.candidates.append(Candidate(path: path, file: file, target: target)) }
        }
    }

    /// Rejects a directory that is named as a module.
    static func requireNotNamedAsModule(_ directory: String) throws(CatalogError) {
        guard directory.hasSuffix(ModulePath.suffix) else { return }
        throw .inadmissible(directory, "is a directory", "put the module itself there, or rename the directory")
    }

    /// Where a name leads, if that is within the source.
    private func targetWithinRoot(of file: String) throws(CatalogError) -> String {
        let target = try FileSystem.resolved(file)
        // Bytes, not characters: to Swift a slash and a combining mark are one character.
        guard target.utf8.starts(with: (root == "/" ? root : "\(root)/").utf8) || target == root else {
            throw .inadmissible(
                file,
                "is a link that leads out of \(root)",
                "name its target, too, or copy it there"
            )
        }
        return target
    }
}
