// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPSemantics
internal import HTTPService
internal import ServerInterface

extension WasmService {
    /// Whether any representation below has several variants.
    package static let hasNegotiation = false
}

/// What paths are answered with.
extension Representation {
    /// A document of JSON, which tells how things are at the moment.
    static func document(_ document: SharedBytes, _ digest: Digest) -> Representation {
        Representation(body: .bytes(document), digest: digest, mediaType: "application/json", caching: .never)
    }

    /// A module.
    static func module(
        _ blob: SealedBlob,
        _ resource: RequestedResource,
        _ caching: Representation.Caching,
        _ lastModified: HTTPDate?
    ) -> Representation {
        Representation(
            body: .blob(blob, 0..<blob.count),
            digest: blob.digest,
            mediaType: "application/wasm",
            caching: caching,
            lastModified: lastModified,
            resource: resource
        )
    }

    /// The digest as text, with a link to the path where those very bytes are (RFC 8288; `describes`: RFC 6892).
    static func digest(
        of blob: SealedBlob,
        _ resource: RequestedResource,
        _ caching: Representation.Caching
    ) -> Representation {
        let text = Array("\(blob.digest)\n".utf8)
        return Representation(
            body: .bytes(SharedBytes(text)),
            digest: Digest(of: text),
            mediaType: "text/plain; charset=utf-8",
            caching: caching,
            resource: resource.asDigest,
            link: "<\(DigestPath.text(of: blob.digest))>; rel=\"describes\""
        )
    }
}

extension [String: Route] {
    /// Adds a module at a path, and at the path with a suffix its digest as text.
    ///
    /// - Parameters:
    ///   - blob: Its bytes.
    ///   - resource: What the path is about.
    ///   - path: The path.
    ///   - caching: How long a cache may use what is there.
    ///   - modified: When its file was last modified, in seconds since 1970; nil if no date is told at the path.
    ///   - now: The present.
    ///   - route: Makes a route of what the path leads to.
    mutating func add(
        _ blob: SealedBlob,
        _ resource: RequestedResource,
        at path: String,
        _ caching: Representation.Caching,
        _ modified: Int64? = nil,
        now: HTTPDate = HTTPDate(seconds: 0),
        _ route: (Representation) -> Route
    ) {
        // Not 0 or 1, which reproducible builds write, nor a date to come (RFC 9110 §8.8.2.1).
        let date = modified.flatMap { $0 > 1 && $0 <= now.seconds ? HTTPDate(seconds: $0) : nil }
        self[path] = route(.module(blob, resource, caching, date))
        self[path + InterfacePath.digestSuffix] = route(.digest(of: blob, resource, caching))
    }
}
