// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Content

/// The digest of a file of any kind and size, as `sha256sum` computes it.
package enum FileDigest {
    /// How many bytes are read at a time.
    private static let chunkSize = 1 << 18

    /// Reads a file once and hashes it.
    ///
    /// - Throws: ``CatalogError`` that names the file, the reason and the remedy.
    package static func of(_ path: String) throws(CatalogError) -> Digest {
        let file = try FileSystem.OpenFile(path: path)
        guard try file.facts().kind != .directory else {
            throw .inadmissible(path, "is a directory", "name a file")
        }
        var hasher = DigestHasher()
        var chunk = [UInt8](repeating: 0, count: chunkSize)
        while true {
            let count = try file.read(into: &chunk)
            guard count > 0 else { return hasher.digest }
            hasher.update(chunk.span.extracting(..<count))
        }
    }
}
