// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What looking through a source found.
struct Listing: Sendable {
    var candidates: [Candidate] = []
    /// What is named like a module and cannot be one, or could not be looked at.
    var rejected: [CatalogError] = []
}

extension Source {
    /// How deep below a source's directory modules are looked for.
    private static var maximumDepth: Int { 16 }

    /// The modules that this source offers, in the order of their paths.
    ///
    /// 1. A file is one module. In a directory, names that begin with a dot are passed over: so a mounted ConfigMap's
    ///    `plugin.wasm`, a link through `..data`, is found once. So is everything that does not end in `.wasm`, and `lost+found`,
    ///    which volumes have for their own repair and nobody may look into (mklost+found(8)).
    /// 2. Links are followed as long as they stay within the source; one that leads out is rejected.
    /// 3. A directory whose name ends in `.wasm` is rejected: a module that turned into one has not been withdrawn.
    /// 4. A link to a directory that leads back to one above it is not followed in circles.
    ///
    /// - Throws: ``CatalogError`` when the source as a whole cannot be used.
    func listing() throws(CatalogError) -> Listing {
        switch self {
        case .embedded(let path, let bytes):
            return Listing(candidates: [Candidate(path: path, embedded: bytes)])
        case .plugin(let file):
            return Listing(candidates: [Candidate(path: .plugin, file: file)])
        case .path(let path):
            guard try FileSystem.facts(at: path).kind == .directory else {
                let name = path.split(separator: "/").last.map(String.init) ?? path
                return Listing(candidates: [Candidate(path: try ModulePath(name, of: path), file: path)])
            }
            try Self.requireNotNamedAsModule(path)
            return try Self.listing(ofDirectory: path)
        }
    }

    fileprivate static func requireNotNamedAsModule(_ directory: String) throws(CatalogError) {
        guard directory.hasSuffix(ModulePath.suffix) else { return }
        throw .inadmissible(directory, "is a directory", "put the module itself there, or rename the directory")
    }

    private static func listing(ofDirectory root: String) throws(CatalogError) -> Listing {
        var walk = DirectoryWalk(root: try FileSystem.resolved(root), maximumDepth: maximumDepth)
        try walk.enter(root, prefix: "", depth: 0)
        guard !walk.listing.candidates.isEmpty || !walk.listing.rejected.isEmpty else {
            throw CatalogError(
                code: .empty,
                subject: root,
                reason: "is a directory without a .wasm file below it",
                remedy: "put the modules there or name another source"
            )
        }
        return walk.listing
    }
}

/// One walk through a directory source.
private struct DirectoryWalk {
    /// The source's directory with every link resolved: nothing outside it is served.
    let root: String
    let maximumDepth: Int
    var listing = Listing()
    /// The directories that lead to the current one.
    private var ancestors: [FileSystem.Facts.Identity] = []
    private var enteredCount = 0

    /// The most directories that one source is looked through for; links among them could make it any number.
    private static let maximumDirectoryCount = 10_000

    init(root: String, maximumDepth: Int) {
        self.root = root
        self.maximumDepth = maximumDepth
    }

    mutating func enter(_ directory: String, prefix: String, depth: Int) throws(CatalogError) {
        let identity = try FileSystem.facts(at: directory).identity
        guard !ancestors.contains(identity) else { return }
        enteredCount += 1
        guard enteredCount <= Self.maximumDirectoryCount else {
            throw .unusableName(
                directory,
                "is one of more than \(Self.maximumDirectoryCount) directories",
                "name fewer"
            )
        }
        ancestors.append(identity)
        defer { ancestors.removeLast() }
        for name in try FileSystem.names(in: directory) where !Self.isPassedOver(name) {
            do {
                try visit(name, in: directory, prefix: prefix, depth: depth)
            } catch {
                listing.rejected.append(error)
            }
        }
    }

    private static func isPassedOver(_ name: String) -> Bool { name.hasPrefix(".") || name == "lost+found" }

    /// Whether a name was meant to be a module's, and is not: `PLUGIN.WASM`, or one with something at its end that nobody sees.
    private static func isNearlyNamedAsModule(_ name: String) -> Bool {
        let scalars = name.unicodeScalars
        let end = scalars.lastIndex { !isHardlySeen($0) }.map(scalars.index(after:)) ?? scalars.startIndex
        return String(scalars[..<end]).lowercased().hasSuffix(ModulePath.suffix)
    }

    /// Whether a character is white space, a control character, one that shows nothing, a mark on another one, or stands for bytes
    /// that are not UTF-8.
    private static func isHardlySeen(_ scalar: Unicode.Scalar) -> Bool {
        let properties = scalar.properties
        if scalar == replacement || properties.isWhitespace || properties.isDefaultIgnorableCodePoint { return true }
        switch properties.generalCategory {
        case .control, .format, .nonspacingMark, .enclosingMark: return true
        default: return false
        }
    }

    /// What stands for bytes of a name that are not UTF-8.
    private static let replacement: Unicode.Scalar = "\u{fffd}"

    private mutating func visit(
        _ name: String,
        in directory: String,
        prefix: String,
        depth: Int
    ) throws(CatalogError) {
        let file = "\(directory)/\(name)"
        let isNamedAsModule = name.hasSuffix(ModulePath.suffix)
        guard !name.unicodeScalars.contains(Self.replacement) else {
            if isNamedAsModule || Self.isNearlyNamedAsModule(name) {
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
            if Self.isNearlyNamedAsModule(name) {
                throw .unusableName(file, "does not end in \(ModulePath.suffix) to the letter", "rename it")
            }
            return
        }
        try requireWithinRoot(file)
        if facts.kind == .directory {
            try Source.requireNotNamedAsModule(file)
            guard depth < maximumDepth else {
                throw .unusableName(file, "lies more than \(maximumDepth) directories deep", "move it up")
            }
            try enter(file, prefix: "\(prefix)\(name)/", depth: depth + 1)
        } else {
            let path = try ModulePath("\(prefix)\(name)", of: file)
            listing.candidates.append(Candidate(path: path, file: file))
        }
    }

    private func requireWithinRoot(_ file: String) throws(CatalogError) {
        let target = try FileSystem.resolved(file)
        guard target.hasPrefix(root == "/" ? root : "\(root)/") || target == root else {
            throw .inadmissible(
                file,
                "is a link that leads out of \(root)",
                "name its target as a source of its own, or copy it there"
            )
        }
    }
}

extension ModulePath {
    /// The path that a file is served at; an error names the file.
    fileprivate init(_ text: String, of file: String) throws(CatalogError) {
        do {
            try self.init(text)
        } catch {
            throw CatalogError(code: error.code, subject: file, reason: error.reason, remedy: error.remedy)
        }
    }
}
