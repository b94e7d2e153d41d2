// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Where modules come from.
package enum Source: Hashable, Sendable, CustomStringConvertible {
    /// A `.wasm` file, served under its own name; or a directory: every `.wasm` below, at its relative path.
    case path(String)
    /// A file of any name that is served as `/plugin.wasm`, as Kuadrant's `WASM_SERVER_FILE_PATH` is.
    case plugin(file: String)
    /// Bytes that the program brings along.
    case embedded(ModulePath, [UInt8])

    /// The source as it is named in messages.
    package var description: String {
        switch self {
        case .path(let path), .plugin(let path): path
        case .embedded(let path, _): "embedded \(path)"
        }
    }
}

/// What looking through a source found.
struct SourceListing: Sendable {
    var candidates: [Candidate] = []
    /// What is named like a module and cannot be one, or could not be looked at.
    var rejected = RejectedEntries()
}

extension Source {
    /// The modules that this source offers, in the order of their paths.
    ///
    /// 1. A file is one module. In a directory, names that begin with a dot are passed over: so a mounted ConfigMap's
    ///    `plugin.wasm`, a link through `..data`, is found once. So is everything that does not end in `.wasm`, and `lost+found`,
    ///    which volumes have for their own repair and nobody may look into (mklost+found(8)).
    /// 2. Links are followed as long as they stay within the source; one that leads out is rejected.
    /// 3. A directory whose name ends in `.wasm` is rejected: a module that turned into one has not been withdrawn.
    /// 4. A link to a directory that leads back to one above it is not followed in circles.
    /// 5. A source that is larger than ``WalkLimits`` allow is rejected as a whole, and looked through no further: nobody can tell
    ///    which part of it matters.
    ///
    /// - Throws: ``CatalogError`` when the source as a whole cannot be used.
    func listing() throws(CatalogError) -> SourceListing {
        switch self {
        case .embedded(let path, let bytes):
            return SourceListing(candidates: [Candidate(path: path, embedded: bytes)])
        case .plugin(let file):
            return SourceListing(candidates: [Candidate(path: .plugin, file: file)])
        case .path(let path):
            guard try FileSystem.facts(at: path).kind == .directory else {
                let name = path.split(separator: "/").last.map(String.init) ?? path
                return SourceListing(candidates: [Candidate(path: try ModulePath(name, of: path), file: path)])
            }
            try DirectoryWalk.requireNotNamedAsModule(path)
            return try Self.listing(ofDirectory: path)
        }
    }

    private static func listing(ofDirectory root: String) throws(CatalogError) -> SourceListing {
        let listing = try DirectoryWalk.listing(of: root)
        guard !listing.candidates.isEmpty || listing.rejected.count > 0 else {
            throw CatalogError(
                code: .empty,
                subject: root,
                reason: "is a directory without a .wasm file below it",
                remedy: "put the modules there, or name another directory or a file"
            )
        }
        return listing
    }
}

extension ModulePath {
    /// The path that a file is served at; an error names the file.
    init(_ text: String, of file: String) throws(CatalogError) {
        do {
            try self.init(text)
        } catch {
            throw CatalogError(code: error.code, subject: file, reason: error.reason, remedy: error.remedy)
        }
    }
}
