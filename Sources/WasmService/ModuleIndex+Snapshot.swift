// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import GatewayConfiguration
internal import HTTPService
package import ModuleCatalog
internal import ProxyWasm
package import ServerInterface

/// What a snapshot is told of at `/modules`.
extension ModuleIndex {
    /// The index of a snapshot, for a process, with the port of its probes if that is to be told.
    package init(_ snapshot: Snapshot, instance: String, operationsPort: Int? = nil) {
        let current = snapshot.modules.map { module in
            var entry = Entry(module.content, .current, since: module.since, path: module.path, source: module.origin)
            entry.configuration = ManifestPath.template(of: module.path.urlPath)
            entry.lastFetched = module.lastFetch.date.map(Timestamp.text)
            return entry
        }
        self.init(
            instance: instance,
            operationsPort: operationsPort,
            gateways: Gateway.allCases.map(\.rawValue),
            modules: current + Self.kept(snapshot) + snapshot.namedRejections.map { Entry($0) },
            rejectedCount: snapshot.rejectedCount
        )
    }

    /// What `/modules` leads to.
    ///
    /// - Parameter versions: Those of the list that are still being sent.
    /// - Returns: The list, rendered.
    func representation(in versions: DocumentVersions) -> Representation {
        let document = encoded()
        return .document(versions.next(document), Digest(of: document))
    }

    private static func kept(_ snapshot: Snapshot) -> [Entry] {
        snapshot.kept.map { ($0, $0.lastUsed()) }.sorted { $0.1 > $1.1 }.map { module, lastUsed in
            var entry = Entry(module.content, .kept, since: module.since, path: module.path, source: module.origin)
            entry.lastUsed = Timestamp.text(lastUsed)
            entry.lastFetched = module.lastFetch.date.map(Timestamp.text)
            return entry
        }
    }
}

extension ModuleIndex.Entry {
    fileprivate init(
        _ content: AdmittedBlob,
        _ state: ModuleIndex.State,
        since: Int64,
        path: ModulePath?,
        source: String
    ) {
        self.init(.admitted, state, source: source)
        self.since = Timestamp.text(since)
        (name, version, self.path) = (path?.name, path?.version, path?.urlPath)
        digestPath = DigestPath.text(of: content.blob.digest)
        sha256 = content.blob.digest.hexadecimal
        size = content.blob.count
        rules = content.warnings.isEmpty ? nil : content.warnings.rules
        facts = ModuleIndex.Facts(
            abi: content.facts.abi?.rawValue,
            imports: content.facts.imports.count,
            exports: content.facts.exports.count,
            memoryPages: content.facts.memories.largestMinimum
        )
        facts?.language = content.facts.customSections.language
        facts?.toolchain = content.facts.customSections.toolchain
        hosts = Dictionary(
            uniqueKeysWithValues: content.verdicts.map { ($0.host.name, .init(breaking: $0.refusals.rules)) }
        )
    }

    fileprivate init(_ rejected: RejectedModule) {
        self.init(.rejected, .rejected, source: rejected.error.name)
        reason = rejected.error.explanation
        rules = rejected.error.rules.isEmpty ? nil : rejected.error.rules
        (name, version, path) = (rejected.path?.name, rejected.path?.version, rejected.path?.urlPath)
    }
}
