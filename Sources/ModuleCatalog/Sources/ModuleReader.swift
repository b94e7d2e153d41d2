// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// Reads a candidate's bytes, once, into sealed memory.
struct ModuleReader: Sendable {
    /// The largest module, in bytes.
    let maximumSize: Int
    /// What that limit is called.
    var limitName = LimitNames().moduleSize
    /// The memory that bytes are sealed in; by default a memory file if the system has them.
    var memory: SealedMemory?

    /// How many bytes are read at a time.
    private static let chunkSize = 1 << 18

    /// The candidate's bytes; nil if its file is not as it was when it was looked at, or changes while it is read, so that
    /// what was read may be part old and part new.
    ///
    /// - Throws: ``CatalogError`` that names the file, the reason and the remedy.
    func read(_ candidate: Candidate) throws(CatalogError) -> SealedBlob? {
        switch candidate.origin {
        case .embedded(let bytes): try seal(bytes, named: candidate.originName)
        case .file(let file): try read(file)
        case .unreadable(_, let error): throw error
        }
    }

    private func read(_ candidate: Candidate.FileOnDisk) throws(CatalogError) -> SealedBlob? {
        try requireReadable(candidate.facts, candidate.name)
        let file: FileSystem.OpenFile
        do {
            file = try FileSystem.OpenFile(path: candidate.target)
        } catch {
            // What was there a moment ago and is not any more has changed.
            if error.code == .missing { return nil }
            throw error
        }
        guard try file.facts() == candidate.facts else { return nil }
        var writer = try openWriter(for: candidate.name, expecting: Int(candidate.facts.size))
        try copy(file, path: candidate.name, into: &writer)
        let blob = try seal(writer, of: candidate.name)
        guard try file.facts() == candidate.facts, blob.count == Int(candidate.facts.size) else { return nil }
        return blob
    }

    private func seal(_ bytes: [UInt8], named subject: String) throws(CatalogError) -> SealedBlob {
        var writer = try openWriter(for: subject, expecting: bytes.count)
        try append(bytes.span, of: subject, to: &writer)
        return try seal(writer, of: subject)
    }

    private func requireReadable(_ facts: FileSystem.Facts, _ path: String) throws(CatalogError) {
        guard facts.kind == .regular else {
            let what = facts.kind == .directory ? "a directory" : "neither a file nor a directory"
            throw .inadmissible(path, "is \(what)", "name a .wasm file")
        }
        guard facts.size <= maximumSize else { throw tooLarge(path, "\(facts.size) bytes") }
    }

    private func copy(
        _ file: FileSystem.OpenFile,
        path: String,
        into writer: inout SealedBlobWriter
    ) throws(CatalogError) {
        var chunk = [UInt8](repeating: 0, count: Self.chunkSize)
        while true {
            let count = try file.read(into: &chunk)
            guard count > 0 else { return }
            guard writer.count + count <= maximumSize else { throw tooLarge(path, "more") }
            try append(chunk.span.extracting(..<count), of: path, to: &writer)
        }
    }

    private func openWriter(for subject: String, expecting count: Int) throws(CatalogError) -> SealedBlobWriter {
        do {
            return try SealedBlobWriter(memory: memory, expecting: count)
        } catch {
            throw exhausted(subject, error)
        }
    }

    private func append(
        _ bytes: Span<UInt8>,
        of subject: String,
        to writer: inout SealedBlobWriter
    ) throws(CatalogError) {
        do {
            try writer.append(bytes)
        } catch {
            throw exhausted(subject, error)
        }
    }

    private func seal(_ writer: consuming SealedBlobWriter, of subject: String) throws(CatalogError) -> SealedBlob {
        do {
            return try writer.seal()
        } catch {
            throw exhausted(subject, error)
        }
    }

    private func tooLarge(_ subject: String, _ size: String) -> CatalogError {
        .inadmissible(
            subject,
            "has \(size), and \(limitName) allows \(maximumSize) bytes",
            "raise \(limitName), or build the module smaller (Envoy itself takes at most 32 MiB)"
        )
    }

    private func exhausted(_ subject: String, _ error: SealError) -> CatalogError {
        CatalogError(
            code: .exhausted,
            subject: subject,
            reason: "there is no \(error.isOfDescriptors ? "descriptor" : "memory") left to hold it (\(error))",
            remedy: error.isOfDescriptors
                ? "raise the limit of open files (ulimit -n), or serve fewer modules"
                : "raise the memory limit (the container's, or ulimit -v), or serve fewer modules"
        )
    }
}
