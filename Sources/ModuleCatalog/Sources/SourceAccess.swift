// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
package import Content
internal import ProxyWasm

/// How sources are looked through and read; everything in it may wait for a disk or a network, however long.
struct SourceAccess: Sendable {
    /// Looks through a source.
    var list: @Sendable (Source) throws(CatalogError) -> Listing = { source throws(CatalogError) in try source.listing()
    }
    /// Reads a candidate; nil if it has changed since it was looked at.
    var read: @Sendable (Candidate) throws(CatalogError) -> SealedBlob?

    /// Judges what was read.
    let policy: AdmissionPolicy

    /// Sources as they are, read by a reader and judged by a policy.
    init(_ reader: ModuleReader, _ policy: AdmissionPolicy = .standard) {
        self.policy = policy
        read = { candidate throws(CatalogError) in try reader.read(candidate) }
    }

    /// The outcome of reading a candidate; nil if it has changed since it was scanned.
    func outcome(of candidate: Candidate) -> LoadResult.Outcome? {
        do throws(CatalogError) {
            guard let blob = try read(candidate) else { return nil }
            return .success(try AdmittedBlob(blob, by: policy, named: candidate.originName))
        } catch {
            return .failure(error)
        }
    }

    /// Whether a candidate still holds the bytes that were read of it.
    func holds(_ candidate: Candidate, _ outcome: LoadResult.Outcome) -> Bool {
        switch (candidate.origin, outcome) {
        case (.file(let file), .success(let admitted)): (try? FileDigest.of(file)) == admitted.blob.digest
        case (.embedded, .success): true
        default: false
        }
    }
}

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
