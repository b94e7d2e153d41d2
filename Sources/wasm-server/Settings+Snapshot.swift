// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import ModuleCatalog

extension Settings {
    /// Reads, seals, hashes and judges what the sources offer.
    ///
    /// - Returns: What may be served, and what may not.
    /// - Throws: ``CommandFailure`` if there is nothing to serve, or no way to serve it.
    func snapshot() throws(CommandFailure) -> Snapshot {
        _ = platform_raise_descriptor_limit()
        let snapshot: Snapshot
        do {
            snapshot = try Catalog(sources: sources, maximumModuleSize: maximumModuleSize).load()
        } catch {
            throw CommandFailure(error)
        }
        if snapshot.modules.isEmpty { throw failure(of: snapshot.refused) }
        return snapshot
    }

    /// Why nothing is served: a line for each refusal.
    private func failure(of refused: [RefusedModule]) -> CommandFailure {
        guard let first = refused.first?.error else {
            return CommandFailure(.noInput, "there is nothing to serve; name a .wasm file or a directory")
        }
        guard first.code != .missing || sources != SettingsReader.defaultSources else {
            return CommandFailure(
                .noInput,
                """
                there is nothing to serve: no source is named, and \(first.subject) does not exist; name a .wasm file or \
                a directory, mount one there, or try --demo
                """
            )
        }
        return CommandFailure([CommandFailure(first)] + refused.dropFirst().map { CommandFailure($0.error) })
    }
}
