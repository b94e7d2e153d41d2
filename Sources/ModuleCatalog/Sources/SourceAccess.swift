// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// How sources are looked through and read; everything in it may wait for a disk or a network, however long.
struct SourceAccess: Sendable {
    /// Looks through a source.
    var list: @Sendable (Source) throws(CatalogError) -> Listing = { source throws(CatalogError) in try source.listing()
    }
    /// Reads a candidate; nil if it has changed since it was looked at.
    var read: @Sendable (Candidate) throws(CatalogError) -> SealedBlob?

    /// Sources as they are, read by a reader.
    init(_ reader: ModuleReader) {
        read = { candidate throws(CatalogError) in try reader.read(candidate) }
    }

    /// What a candidate comes to; nil if it has changed since it was scanned.
    func outcome(of candidate: Candidate) -> LoadResult.Outcome? {
        do throws(CatalogError) {
            guard let blob = try read(candidate) else { return nil }
            try Admission.requireAdmissible(blob, named: candidate.originName)
            return .success(blob)
        } catch {
            return .failure(error)
        }
    }

    /// Whether a candidate still holds the bytes that were read of it.
    func holds(_ candidate: Candidate, _ outcome: LoadResult.Outcome) -> Bool {
        switch (candidate.origin, outcome) {
        case (.file(let file), .success(let blob)): (try? FileDigest.of(file)) == blob.digest
        case (.embedded, .success): true
        default: false
        }
    }
}
