// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPSemantics
internal import HTTPService
internal import ModuleCatalog
internal import ServerInterface

/// What paths are answered with.
extension RouteTable {
    /// Renders the list of modules.
    static func list(of snapshot: Snapshot, instance: String, _ versions: DocumentVersions) -> Representation {
        let list = ModuleIndex(snapshot, instance: instance).encoded()
        return document(versions.next(list), Digest(of: list))
    }

    /// Whether there is a server.
    static var health: Representation {
        let health = Array(#"{"status":"Healthy"}"#.utf8)
        return document(SharedBytes(health), Digest(of: health))
    }

    private static func document(_ document: SharedBytes, _ digest: Digest) -> Representation {
        Representation(
            body: .bytes(document),
            digest: digest,
            mediaType: "application/json",
            caching: .never
        )
    }

    /// A module.
    static func module(
        _ blob: SealedBlob,
        _ asked: RequestedResource,
        _ caching: Representation.Caching,
        _ lastModified: HTTPDate?
    ) -> Representation {
        Representation(
            body: .blob(blob, 0..<blob.count),
            digest: blob.digest,
            mediaType: "application/wasm",
            caching: caching,
            lastModified: lastModified,
            resource: asked
        )
    }

    /// The digest as text, with a link to the URL where those very bytes are (RFC 8288; `describes`: RFC 6892).
    static func digest(
        of blob: SealedBlob,
        _ asked: RequestedResource,
        _ caching: Representation.Caching
    ) -> Representation {
        let text = Array("\(blob.digest)\n".utf8)
        return Representation(
            body: .bytes(SharedBytes(text)),
            digest: Digest(of: text),
            mediaType: "text/plain; charset=utf-8",
            caching: caching,
            resource: asked.asDigest,
            link: "<\(DigestPath.text(of: blob.digest))>; rel=\"describes\""
        )
    }

    /// The date of a file, but not 0 or 1, which reproducible builds write, nor one to come (RFC 9110 §8.8.2.1).
    static func date(_ modified: Int64, now: HTTPDate) -> HTTPDate? {
        modified > 1 && modified <= now.seconds ? HTTPDate(seconds: modified) : nil
    }
}
