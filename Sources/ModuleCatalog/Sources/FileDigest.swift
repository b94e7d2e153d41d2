// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
package import Content

/// The digest of a file of any kind and size, as `sha256sum` computes it.
package enum FileDigest {
    /// How many bytes are read at a time.
    private static let chunkSize = 1 << 18

    /// Reads a file once and hashes it; a pipe is waited for, and read until its last writer has closed it.
    ///
    /// - Throws: ``CatalogError`` that names the file, the reason and the remedy.
    package static func of(_ path: String) throws(CatalogError) -> Digest {
        let file = try FileSystem.OpenFile(path: path, waits: true)
        guard try file.facts().kind != .directory else {
            throw .inadmissible(path, "is a directory", "name a file")
        }
        return try hash(file) { _ in true }
    }

    /// Reads standard input and hashes it.
    ///
    /// Where that is closed, its descriptor is free, or the runtime has taken it for something that nobody can open.
    ///
    /// - Throws: ``CatalogError`` that names `/dev/stdin`, the reason and the remedy.
    package static func ofStandardInput() throws(CatalogError) -> Digest {
        do throws(CatalogError) {
            return try of("/dev/stdin")
        } catch {
            throw error.code == .missing ? FileSystem.error(ENXIO, at: error.subject) : error
        }
    }

    /// Reads a file as long as it is as it was; nil once it is not.
    static func of(_ known: Candidate.FileOnDisk) throws(CatalogError) -> Digest? {
        let file = try FileSystem.OpenFile(path: known.target)
        guard try file.facts() == known.facts else { return nil }
        let digest = try hash(file) { $0 <= known.facts.size }
        return try file.facts() == known.facts ? digest : nil
    }

    private static func hash(
        _ file: FileSystem.OpenFile,
        while goesOn: (_ count: Int) -> Bool
    ) throws(CatalogError) -> Digest {
        var hasher = DigestHasher()
        var chunk = [UInt8](repeating: 0, count: chunkSize)
        var total = 0
        while true {
            let count = try file.read(into: &chunk)
            total += count
            guard count > 0, goesOn(total) else { return hasher.digest }
            hasher.update(chunk.span.extracting(..<count))
        }
    }
}
