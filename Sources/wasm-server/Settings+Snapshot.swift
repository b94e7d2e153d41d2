// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import ModuleCatalog

extension Settings {
    /// What connections, listeners and the system need besides a descriptor for each module.
    private static var reservedDescriptors: Int64 { 128 }

    /// Reads, seals, hashes and judges what the sources offer.
    ///
    /// - Returns: What may be served, and what may not.
    /// - Throws: ``CommandFailure`` if there is nothing to serve, or no way to serve it.
    func snapshot() throws(CommandFailure) -> Snapshot {
        let descriptors = platform_raise_descriptor_limit()
        let snapshot: Snapshot
        do {
            snapshot = try Catalog(sources: sources, maximumModuleSize: maximumModuleSize).load()
        } catch {
            throw CommandFailure(error)
        }
        if snapshot.modules.isEmpty { throw failure(of: snapshot.refused) }
        guard Int64(snapshot.modules.count) + Self.reservedDescriptors <= descriptors else {
            throw CommandFailure(
                .systemError,
                """
                \(snapshot.modules.count) modules need as many open files and \(Self.reservedDescriptors) more, and the \
                limit is \(descriptors); raise it (ulimit -n), or serve fewer modules
                """
            )
        }
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
