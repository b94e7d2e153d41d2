// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import WasmBinary

/// Judges sealed bytes: only what a proxy would not refuse at sight is served.
enum Admission {
    /// Admits a core module of version 1 whose sections all lie within it.
    static func verdict(on blob: SealedBlob) -> Verdict {
        guard blob.count > 0 else { return .refused(reason: "is empty") }
        do throws(WasmBinaryError) {
            try blob.withSpan { bytes throws(WasmBinaryError) in
                _ = try SectionWalk.sections(of: bytes)
            }
            return .admitted
        } catch {
            return .refused(reason: "is not a usable WebAssembly module: \(error)")
        }
    }

    /// Lets pass what is admitted.
    ///
    /// - Throws: ``CatalogError`` about what has that name, if it is refused.
    static func requireAdmissible(_ blob: SealedBlob, named name: String) throws(CatalogError) {
        if case .refused(let reason) = verdict(on: blob) { throw .inadmissible(name, reason, "build or copy it anew") }
    }
}
