// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ModuleCatalog

extension Settings {
    /// Reads, seals, hashes and judges what the sources offer.
    ///
    /// - Returns: What may be served, and what may not.
    /// - Throws: ``CommandFailure`` if there is nothing to serve.
    func snapshot() throws(CommandFailure) -> Snapshot {
        do {
            return try Catalog(sources: sources, maximumModuleSize: maximumModuleSize).load()
        } catch {
            guard error.code == .missing, sources == SettingsReader.defaultSources else { throw CommandFailure(error) }
            throw CommandFailure(
                .noInput,
                """
                there is nothing to serve: no source is named, and \(error.subject) does not exist; name a .wasm file or \
                a directory, mount one there, or try --demo
                """
            )
        }
    }
}
