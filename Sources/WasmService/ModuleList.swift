// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import FoundationEssentials
internal import GatewayConfiguration
internal import HTTPSemantics
internal import ModuleCatalog

/// The document at `/modules`: everything that was found or is kept, served or not.
///
/// What its users may rely on is in `docs/schemas/modules.schema.json`.
struct ModuleList: Encodable {
    /// One module; members that do not apply are left out.
    struct Entry: Encodable {
        /// `admitted` or `rejected`.
        let verdict: String
        /// `current`: served by name and digest; `kept`: served by digest only; `rejected`: not served.
        let state: String
        /// Since when it is current or kept (RFC 3339).
        var since: String?
        /// When a kept one was last current or fetched, before this list was made (RFC 3339).
        var lastUsed: String?
        /// When its bytes were last sent completely to anyone but a peer, before this list was made (RFC 3339).
        var lastFetched: String?
        /// Why it is rejected.
        var reason: String?
        /// The name and the version that the path tells.
        var name: String?
        var version: String?
        /// Where it is served, percent-encoded; of a kept one, where it was.
        var path: String?
        /// Where the same bytes are served by their digest.
        var digestPath: String?
        /// Where there is configuration for a gateway, of ``ModuleList/gateways``: a template (RFC 6570).
        var configuration: String?
        /// 64 lowercase hexadecimal digits.
        var sha256: String?
        /// In bytes.
        var size: Int?
        /// Where it comes from.
        let source: String
    }

    /// Tells one process from another, so that none takes itself for its peer.
    let instance: String
    /// What there is configuration for.
    let gateways = Gateway.allCases.map(\.rawValue)
    /// Current modules first, in the order of their paths; then those that are kept, the last used first; then the first of those
    /// that are rejected: whoever reads the list for what is served never reads past much else.
    let modules: [Entry]
    /// How many are rejected in all.
    let rejectedCount: Int

    init(_ snapshot: Snapshot, instance: String) {
        self.instance = instance
        modules =
            snapshot.modules.map { module in
                var entry = Entry(module.blob, "current", since: module.since, path: module.path, source: module.origin)
                entry.configuration = ManifestURL.template(of: module.path)
                entry.lastFetched = module.lastFetch.date.map(Self.timestamp)
                return entry
            }
            + Self.kept(snapshot)
            + snapshot.namedRejections.map { Entry($0) }
        rejectedCount = snapshot.rejectedCount
    }

    private static func kept(_ snapshot: Snapshot) -> [Entry] {
        snapshot.kept.map { ($0, $0.lastUsed()) }.sorted { $0.1 > $1.1 }.map { module, lastUsed in
            var entry = Entry(module.blob, "kept", since: module.since, path: module.path, source: module.origin)
            entry.lastUsed = timestamp(lastUsed)
            entry.lastFetched = module.lastFetch.date.map(timestamp)
            return entry
        }
    }

    /// A time as RFC 3339 writes it, in UTC.
    fileprivate static func timestamp(_ seconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(seconds)).ISO8601Format()
    }

    /// The document's bytes.
    func encoded() -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            let document = String(decoding: try encoder.encode(self), as: UTF8.self)
            return Array("\(JSONText.printable(document))\n".utf8)
        } catch {
            preconditionFailure("strings and integers always encode: \(error)")
        }
    }
}

extension ModuleList.Entry {
    fileprivate init(_ blob: SealedBlob, _ state: String, since: Int64, path: ModulePath?, source: String) {
        self.init(
            verdict: "admitted",
            state: state,
            since: ModuleList.timestamp(since),
            name: path?.name,
            version: path?.version,
            path: path?.urlPath,
            digestPath: DigestURL.path(of: blob.digest),
            sha256: blob.digest.hexadecimal,
            size: blob.count,
            source: source
        )
    }

    fileprivate init(_ rejected: RejectedModule) {
        self.init(
            verdict: "rejected",
            state: "rejected",
            reason: rejected.error.explanation,
            name: rejected.path?.name,
            version: rejected.path?.version,
            path: rejected.path?.urlPath,
            source: rejected.error.name
        )
    }
}
