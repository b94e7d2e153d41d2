// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPSemantics
internal import ModuleCatalog

/// Every path that is answered, and what with: a snapshot, rendered.
struct RouteTable: Sendable {
    /// What a path leads to.
    enum Route: Sendable {
        case representation(Representation)
        /// A module that is no longer current, or its digest.
        case kept(Representation, KeptModule)
        /// A module that was found there and may not be served.
        case rejected(AskedModule, reason: String)

        /// The current module that is here.
        var module: Digest? {
            if case .representation(let representation) = self { representation.module?.digest } else { nil }
        }
    }

    private static let listPath = "/modules"

    private var routes: [String: Route] = [:]
    /// What `/modules` leads to: the one document that is rendered anew while the same is served.
    private var list: Route

    /// Renders a snapshot.
    ///
    /// - Parameters:
    ///   - snapshot: What is served.
    ///   - instance: Tells this process from its peers.
    ///   - now: The present; a file from the future has no date that could be told.
    init(_ snapshot: Snapshot, instance: String, now: HTTPDate) {
        list = Self.list(of: snapshot, instance: instance)
        routes["/health"] = Self.document(Array(#"{"status":"Healthy"}"#.utf8))
        for module in snapshot.kept {
            let date = module.modified.flatMap { Self.date($0, now: now) }
            let asked = AskedModule(.digest, paths: [], digest: module.blob.digest, lastFetches: [module.lastFetch])
            add(module.blob, asked, at: DigestURL.path(of: module.blob.digest), .immutable, date) { .kept($0, module) }
        }
        for (digest, modules) in Dictionary(grouping: snapshot.modules, by: \.blob.digest) {
            add(modules, of: digest, now: now)
        }
        for rejected in snapshot.rejected {
            guard let path = rejected.path, self["/\(path)"] == nil else { continue }
            let asked = AskedModule(.name, paths: [path.urlPath], digest: nil)
            routes["/\(path)"] = .rejected(asked, reason: rejected.error.reason)
            routes["/\(path)\(DigestURL.digestSuffix)"] = .rejected(asked.asDigest, reason: rejected.error.reason)
        }
    }

    /// Renders the list of modules anew, which tells when they were last fetched.
    mutating func renderList(of snapshot: Snapshot, instance: String) {
        list = Self.list(of: snapshot, instance: instance)
    }

    /// What a path leads to, if anything.
    ///
    /// - Parameter path: The path with its percent-encoding undone.
    subscript(path: String) -> Route? {
        // To Swift, texts that are canonically equivalent are equal; here a path is its bytes.
        guard let index = routes.index(forKey: path), routes.keys[index].utf8.elementsEqual(path.utf8) else {
            return path == Self.listPath ? list : nil
        }
        return routes.values[index]
    }

    /// What a digest's URL leads to, for bytes that have come just now.
    static func representation(of blob: SealedBlob, at url: DigestURL) -> Representation {
        let asked = AskedModule(.digest, paths: [], digest: blob.digest)
        return switch url.subject {
        case .module: module(blob, asked, .immutable, nil)
        case .digest: digest(of: blob, asked, .immutable)
        }
    }

    /// Adds all modules that have the same bytes.
    private mutating func add(_ modules: [Module], of digest: Digest, now: HTTPDate) {
        for module in modules {
            let asked = AskedModule(
                .name,
                paths: [module.path.urlPath],
                digest: digest,
                lastFetches: [module.lastFetch]
            )
            add(module.blob, asked, at: "/\(module.path)", .revalidate, nil) { .representation($0) }
        }
        guard let last = modules.last else { return }
        let asked = AskedModule(
            .digest,
            paths: modules.map(\.path.urlPath),
            digest: digest,
            lastFetches: modules.map(\.lastFetch)
        )
        let date = last.modified.flatMap { Self.date($0, now: now) }
        add(last.blob, asked, at: DigestURL.path(of: digest), .immutable, date) { .representation($0) }
    }

    private mutating func add(
        _ blob: SealedBlob,
        _ asked: AskedModule,
        at path: String,
        _ caching: Representation.Caching,
        _ lastModified: HTTPDate?,
        _ route: (Representation) -> Route
    ) {
        routes[path] = route(Self.module(blob, asked, caching, lastModified))
        routes[path + DigestURL.digestSuffix] = route(Self.digest(of: blob, asked, caching))
    }

    private static func list(of snapshot: Snapshot, instance: String) -> Route {
        document(ModuleList(snapshot, instance: instance).encoded())
    }

    private static func document(_ document: [UInt8]) -> Route {
        .representation(
            Representation(
                body: .bytes(SharedBytes(document)),
                digest: Digest(of: document),
                mediaType: "application/json",
                caching: .never
            )
        )
    }

    private static func module(
        _ blob: SealedBlob,
        _ asked: AskedModule,
        _ caching: Representation.Caching,
        _ lastModified: HTTPDate?
    ) -> Representation {
        Representation(
            body: .blob(blob, 0..<blob.count),
            digest: blob.digest,
            mediaType: "application/wasm",
            caching: caching,
            lastModified: lastModified,
            module: asked
        )
    }

    /// The digest as text, with a link to the URL where those very bytes are (RFC 8288; `describes`: RFC 6892).
    private static func digest(
        of blob: SealedBlob,
        _ asked: AskedModule,
        _ caching: Representation.Caching
    ) -> Representation {
        let text = Array("\(blob.digest)\n".utf8)
        return Representation(
            body: .bytes(SharedBytes(text)),
            digest: Digest(of: text),
            mediaType: "text/plain; charset=utf-8",
            caching: caching,
            module: asked.asDigest,
            link: "<\(DigestURL.path(of: blob.digest))>; rel=\"describes\""
        )
    }

    /// The date of a file, but not 0 or 1, which reproducible builds write, nor one to come (RFC 9110 §8.8.2.1).
    private static func date(_ modified: Int64, now: HTTPDate) -> HTTPDate? {
        modified > 1 && modified <= now.seconds ? HTTPDate(seconds: modified) : nil
    }
}
