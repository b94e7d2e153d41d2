// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import WasmBinary

/// Judges sealed bytes: only what a proxy would not reject at sight is served.
enum Admission {
    /// Lets pass a core module of version 1 whose sections all lie within it.
    ///
    /// - Throws: ``CatalogError`` about what has that name, if it is anything else.
    static func requireAdmissible(_ blob: SealedBlob, named name: String) throws(CatalogError) {
        guard let diagnosis = blob.withSpan({ Diagnosis(of: $0) }) else { return }
        throw .inadmissible(name, diagnosis.reason, diagnosis.remedy)
    }
}
