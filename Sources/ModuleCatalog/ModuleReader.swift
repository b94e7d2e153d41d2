// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import Content

/// Reads a candidate's bytes, once, into sealed memory.
struct ModuleReader: Sendable {
    /// The largest module, in bytes.
    let maximumSize: Int
    /// The memory that bytes are sealed in; by default a memory file if the system has them.
    var memory: SealedMemory?

    /// How many bytes are read at a time.
    private static let chunkSize = 1 << 18
    /// How often a file that keeps changing is read anew before it is refused.
    private static let maximumAttempts = 3
    /// How long to wait before a file that changed is read anew, in milliseconds.
    private static let pause: UInt32 = 100

    /// The candidate's bytes, and when they were last modified (seconds since 1970; nil for embedded bytes).
    ///
    /// - Throws: ``CatalogError`` that names the file, the reason and the remedy.
    func read(_ candidate: Candidate) throws(CatalogError) -> (blob: SealedBlob, modified: Int64?) {
        switch candidate.origin {
        case .embedded(let bytes):
            return (try seal(bytes, named: candidate.originName), nil)
        case .file(let path):
            for _ in 0..<Self.maximumAttempts {
                if let read = try readOnce(path) { return read }
                platform_sleep_milliseconds(Self.pause)
            }
            throw CatalogError(
                code: .unreadable,
                subject: path,
                reason: "changed each of the \(Self.maximumAttempts) times it was read",
                remedy: "replace it by renaming a complete file over it"
            )
        }
    }

    /// One reading of a file; nil if the file changed meanwhile, so that what was read may be part old and part new.
    private func readOnce(_ path: String) throws(CatalogError) -> (blob: SealedBlob, modified: Int64?)? {
        let file = try FileSystem.OpenFile(path: path)
        let before = try file.facts()
        try requireReadable(before, path)
        var writer = try openWriter(for: path)
        try copy(file, path: path, into: &writer)
        let blob = try seal(writer, of: path)
        guard try file.facts() == before, blob.count == Int(before.size) else { return nil }
        return (blob, before.modified.first)
    }

    private func seal(_ bytes: [UInt8], named subject: String) throws(CatalogError) -> SealedBlob {
        var writer = try openWriter(for: subject)
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

    private func openWriter(for subject: String) throws(CatalogError) -> SealedBlobWriter {
        do {
            return try SealedBlobWriter(memory: memory)
        } catch {
            throw noMemory(subject, error)
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
            throw noMemory(subject, error)
        }
    }

    private func seal(_ writer: consuming SealedBlobWriter, of subject: String) throws(CatalogError) -> SealedBlob {
        do {
            return try writer.seal()
        } catch {
            throw noMemory(subject, error)
        }
    }

    private func tooLarge(_ subject: String, _ size: String) -> CatalogError {
        .inadmissible(
            subject,
            "has \(size), and --max-module-size allows \(maximumSize) bytes",
            "raise --max-module-size, or build the module smaller (Envoy itself takes at most 32 MiB)"
        )
    }

    private func noMemory(_ subject: String, _ error: SealError) -> CatalogError {
        CatalogError(
            code: .noMemory,
            subject: subject,
            reason: "there is no memory or no descriptor left to hold it (\(error))",
            remedy: "raise the memory limit or the limit of open files, or serve fewer modules"
        )
    }
}
