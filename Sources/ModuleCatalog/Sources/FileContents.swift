// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import ProxyWasm

/// All bytes of a file, for a command that looks at it once.
package enum FileContents {
    /// How many bytes are read at a time.
    private static let chunkSize = 1 << 18

    /// Reads a file of any kind that a person has named; a pipe is waited for, and read until its last writer has closed it.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - most: How many bytes it may have.
    /// - Returns: Its bytes.
    /// - Throws: ``CatalogError`` that names the file, the reason and the remedy; a file that is too large breaks ``FetchLimit/rule``.
    package static func of(_ path: String, most: Int) throws(CatalogError) -> [UInt8] {
        let file = try FileSystem.OpenFile(path: path, waits: true)
        let facts = try file.facts()
        guard facts.kind != .directory else { throw .inadmissible(path, "is a directory", "name a file") }
        return try contents(of: file, facts, path, most: most)
    }

    /// Reads a file that was found in a directory, where a pipe or a device is as little a module as it is in a source.
    ///
    /// - Parameters:
    ///   - path: The file; nothing is waited for.
    ///   - most: How many bytes it may have.
    /// - Returns: Its bytes.
    /// - Throws: ``CatalogError`` as of a file that was named, and if it is not a regular one.
    package static func found(at path: String, most: Int) throws(CatalogError) -> [UInt8] {
        let file = try FileSystem.OpenFile(path: path)
        let facts = try file.facts()
        guard facts.kind == .regular else {
            throw .inadmissible(path, "is not a regular file", "put the module itself there")
        }
        return try contents(of: file, facts, path, most: most)
    }

    private static func contents(
        of file: FileSystem.OpenFile,
        _ facts: FileSystem.Facts,
        _ path: String,
        most: Int
    ) throws(CatalogError) -> [UInt8] {
        let tooLarge = CatalogError.inadmissible(
            path,
            "has more than \(most) bytes, which no gateway takes",
            "build it smaller",
            by: [FetchLimit.rule]
        )
        guard facts.kind != .regular || facts.size <= most else { throw tooLarge }
        var (contents, chunk): ([UInt8], [UInt8]) = ([], [UInt8](repeating: 0, count: chunkSize))
        if facts.kind == .regular { contents.reserveCapacity(Int(facts.size)) }
        while true {
            let count = try file.read(into: &chunk)
            guard count > 0 else { return contents }
            guard contents.count + count <= most else { throw tooLarge }
            contents += chunk[..<count]
        }
    }

    /// Reads standard input.
    ///
    /// - Throws: ``CatalogError`` that names `/dev/stdin`, the reason and the remedy.
    package static func ofStandardInput(most: Int) throws(CatalogError) -> [UInt8] {
        do throws(CatalogError) {
            return try of("/dev/stdin", most: most)
        } catch {
            throw error.code == .missing ? FileSystem.error(ENXIO, at: error.subject) : error
        }
    }
}
