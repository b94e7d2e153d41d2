// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import ProxyWasm

/// How sources are looked through and read; everything in it may wait for a disk or a network, however long.
struct SourceAccess: Sendable {
    /// Looks through a source.
    var list: @Sendable (Source) throws(CatalogError) -> SourceListing = { source throws(CatalogError) in
        try source.listing()
    }
    /// Reads a candidate; nil if it has changed since it was looked at.
    var read: @Sendable (Candidate) throws(CatalogError) -> SealedBlob?

    /// Judges what was read.
    let policy: AdmissionPolicy

    /// Sources as they are, read by a reader and judged by a policy.
    init(_ reader: ModuleReader, _ policy: AdmissionPolicy = AdmissionPolicy()) {
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
