// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import FoundationEssentials
internal import ModuleCatalog

/// The document at `/modules`: everything that was found, served or not.
struct ModuleList: Encodable {
    /// One module; members that do not apply are left out.
    struct Entry: Encodable {
        /// `admitted` or `refused`.
        let verdict: String
        /// Why it is refused.
        var reason: String?
        /// The name and the version that the path tells.
        var name: String?
        var version: String?
        /// Where it is served, percent-encoded.
        var path: String?
        /// Where the same bytes are served by their digest.
        var digestPath: String?
        /// 64 lowercase hexadecimal digits.
        var sha256: String?
        /// In bytes.
        var size: Int?
        /// The file it was read from.
        let source: String
    }

    /// Served modules first, in the order of their paths.
    let modules: [Entry]

    init(_ snapshot: Snapshot) {
        modules =
            snapshot.modules.map { module in
                Entry(
                    verdict: "admitted",
                    name: module.path.name,
                    version: module.path.version,
                    path: module.path.urlPath,
                    digestPath: DigestURL.path(of: module.blob.digest),
                    sha256: module.blob.digest.hexadecimal,
                    size: module.blob.count,
                    source: module.origin
                )
            }
            + snapshot.refused.map { refused in
                Entry(
                    verdict: "refused",
                    reason: "\(refused.error.reason); \(refused.error.remedy)",
                    name: refused.path?.name,
                    version: refused.path?.version,
                    path: refused.path?.urlPath,
                    source: refused.error.subject
                )
            }
    }

    /// The document's bytes.
    func encoded() -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(self)) + Array("\n".utf8)
        } catch {
            preconditionFailure("strings and integers always encode: \(error)")
        }
    }
}
