// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// The files that a person has named for a command that looks at each of them once.
package struct NamedFiles {
    /// Where they are: the file that was named, of any kind, or every module below a directory that was.
    package let paths: [String]
    /// Whether they were found below a directory.
    package let areFound: Bool
    /// What a server could not serve of a directory.
    package let rejected: [CatalogError]

    /// The files that a word names.
    ///
    /// In a directory they are those that a server would find there, by the same rules.
    ///
    /// - Throws: ``CatalogError`` if there is nothing of that name, or no module in a directory.
    package init(_ word: String) throws(CatalogError) {
        guard try FileSystem.facts(at: word).kind == .directory else {
            (paths, areFound, rejected) = ([word], false, [])
            return
        }
        let listing = try Source.path(Self.withoutSlashes(word)).listing()
        var (paths, rejected): ([String], [CatalogError]) = ([], listing.rejected.first)
        for candidate in listing.candidates {
            switch candidate.origin {
            case .file(let file): paths.append(file.name)
            case .unreadable(_, let error): rejected.append(error)
            case .embedded: break
            }
        }
        if listing.rejected.furtherCount > 0 {
            rejected.append(
                .inadmissible(
                    word,
                    "has \(listing.rejected.furtherCount) more that cannot be served",
                    "mend those first"
                )
            )
        }
        (self.paths, areFound, self.rejected) = (paths, true, rejected)
    }

    /// The directory without what a shell's completion puts behind it.
    private static func withoutSlashes(_ directory: String) -> String {
        let name = directory.reversed().drop { $0 == "/" }
        return name.isEmpty ? "/" : String(name.reversed())
    }
}
