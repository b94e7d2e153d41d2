// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import Content
internal import Credentials
internal import ModuleCatalog
internal import ProxyWasm

extension Settings {
    /// Who may fetch, of those with a valid certificate.
    var allowedClients: AllowedClients {
        AllowedClients(tls.allowedClients, listName: Setting.tlsAllowedClient.flag)
    }

    /// Loads and judges the certificate; nil if there is to be none.
    ///
    /// - Throws: ``CommandFailure`` if it cannot be used.
    func credentials() throws(CommandFailure) -> TLSCredentials? {
        guard let files = tls.files else { return nil }
        do {
            return try TLSCredentials(files, forPeers: uses(.peers), allowing: allowedClients)
        } catch {
            throw CommandFailure(.configuration, error.description)
        }
    }

    /// The sources, of which nothing has been read yet.
    func catalog() -> Catalog {
        Catalog(
            sources: sources,
            maximumModuleSize: maximumModuleSize,
            admission: AdmissionPolicy(for: hostProfile, admission),
            maximumCount: ConnectionBudget.currentModules(descriptors: Int(platform_raise_descriptor_limit())),
            limitNames: LimitNames(moduleSize: Setting.maximumModuleSize.flag, memory: Setting.retainMemory.flag)
        )
    }

    /// Reads, seals, hashes and judges what the sources offer; fails if there is nothing to serve, or no way to serve
    /// it, or to keep it.
    func load(_ sources: Catalog) throws(CommandFailure) -> LiveCatalog {
        let (seconds, rest) = retain.components
        let policy = RetentionPolicy(
            time: rest > 0 ? seconds + 1 : seconds,
            memory: retainedMemory,
            count: ConnectionBudget.keptModules(descriptors: Int(platform_raise_descriptor_limit()))
        )
        let catalog: LiveCatalog
        do {
            catalog = try LiveCatalog(sources, keeping: policy)
        } catch {
            throw CommandFailure(error)
        }
        let snapshot = catalog.snapshot
        if snapshot.modules.isEmpty { throw failure(of: snapshot) }
        if policy.time > 0 { try requireRoom(for: snapshot.modules, policy.largest) }
        return catalog
    }

    /// What could not be kept once it is replaced would be lost to gateways that are about to fetch it.
    private func requireRoom(for modules: [Module], _ room: Int) throws(CommandFailure) {
        guard let largest = modules.max(by: { $0.blob.count < $1.blob.count }), largest.blob.count > room else {
            return
        }
        throw CommandFailure(
            .configuration,
            """
            \(place(of: .retainMemory).name) is \(retainedMemory) bytes, which keep a module of \(room) at most, and \
            \(largest.path.urlPath) has \(largest.blob.count); raise it to several times that, or keep nothing \
            (\(Setting.retain.flag) 0)
            """
        )
    }

    /// Why nothing is served.
    private func failure(of snapshot: Snapshot) -> CommandFailure {
        guard let first = snapshot.rejected.first?.error else {
            return CommandFailure(.noInput, "there is nothing to serve; give a .wasm file or a directory")
        }
        let place = places[.sources]
        if place == .variable(Variables.pluginFile), [.missing, .unreadable].contains(first.code) {
            return CommandFailure(CommandFailure(first).status, "\(Variables.pluginFile): \(first)")
        }
        let isList = place == .variable(Setting.sources.variable) && first.subject.contains(where: \.isWhitespace)
        if isList, first.code == .missing {
            return CommandFailure(
                .noInput,
                "\(Setting.sources.variable): \(first.name): \(first.reason); divide sources by commas, not by spaces"
            )
        }
        guard first.code != .missing || sources != Settings().sources else {
            return CommandFailure(
                .noInput,
                """
                there is nothing to serve: no source is named, and \(first.subject) does not exist; name a .wasm file or \
                a directory, mount one there, or try --demo
                """
            )
        }
        return CommandFailure(rejectedIn: snapshot)
    }
}
