// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPSemantics
internal import HTTPService
internal import ModuleCatalog
internal import ServerInterface

/// Every path that is answered, and what with: a snapshot, rendered.
struct RouteTable: Sendable {
    /// What a path leads to.
    enum Route: Sendable {
        case representation(Representation)
        /// A module that is no longer current, or its digest.
        case kept(Representation, KeptModule)
        /// A module that was found there and may not be served.
        case rejected(RequestedResource, reason: String)
        /// The list of modules as it was before something else was kept.
        case formerList(Representation)

        /// The current module that is here.
        var module: Digest? {
            if case .representation(let representation) = self { representation.resource?.digest } else { nil }
        }
    }

    private var routes: [String: Route] = [:]
    /// What is kept, by itself: it changes while everything else stays, and is small.
    private var kept: [String: Route] = [:]
    /// What `/modules` leads to: the one document that is rendered anew while the same is served.
    private(set) var list: Representation
    /// Whether it tells what is kept now.
    private var listIsCurrent = true

    /// Renders a snapshot.
    ///
    /// - Parameters:
    ///   - snapshot: What is served.
    ///   - instance: Tells this process from its peers.
    ///   - versions: The list's.
    ///   - now: The present; a file from the future has no date that could be told.
    init(_ snapshot: Snapshot, instance: String, _ versions: DocumentVersions, now: HTTPDate) {
        list = Self.list(of: snapshot, instance: instance, versions)
        routes[InterfacePath.health] = .representation(Self.health)
        keep(snapshot.kept, now: now)
        for (digest, modules) in Dictionary(grouping: snapshot.modules, by: \.blob.digest) {
            add(modules, of: digest, now: now)
        }
        for rejected in snapshot.rejected {
            guard let path = rejected.path, self["/\(path)"] == nil else { continue }
            let asked = RequestedResource(.name, paths: [path.urlPath], digest: nil)
            routes["/\(path)"] = .rejected(asked, reason: rejected.error.reason)
            routes["/\(path)\(InterfacePath.digestSuffix)"] = .rejected(asked.asDigest, reason: rejected.error.reason)
        }
    }

    /// Adds what is kept from now on.
    mutating func keep(_ modules: [KeptModule], now: HTTPDate) {
        for module in modules {
            let date = module.modified.flatMap { Self.date($0, now: now) }
            let asked = RequestedResource(
                .digest,
                paths: [],
                digest: module.blob.digest,
                lastFetches: [module.lastFetch]
            )
            let path = DigestPath.text(of: module.blob.digest)
            Self.add(module.blob, asked, at: path, .immutable, date, to: &kept) { .kept($0, module) }
        }
    }

    /// Takes out what is no longer kept.
    mutating func drop(_ modules: [KeptModule]) {
        for module in modules {
            let path = DigestPath.text(of: module.blob.digest)
            kept[path] = nil
            kept[path + InterfacePath.digestSuffix] = nil
        }
    }

    /// Has `/modules` lead to a list.
    ///
    /// - Parameters:
    ///   - list: The list.
    ///   - isCurrent: Whether it tells what is kept now.
    mutating func setList(_ list: Representation, isCurrent: Bool) {
        (self.list, listIsCurrent) = (list, isCurrent)
    }

    /// What a path leads to, if anything.
    ///
    /// - Parameter path: The path with its percent-encoding undone.
    subscript(path: String) -> Route? {
        // To Swift, texts that are canonically equivalent are equal; here a path is its bytes. That of a digest has no equivalent.
        guard let index = routes.index(forKey: path), routes.keys[index].utf8.elementsEqual(path.utf8) else {
            if let route = kept[path] { return route }
            guard path == ModuleIndex.path else { return nil }
            return listIsCurrent ? .representation(list) : .formerList(list)
        }
        return routes.values[index]
    }

    /// What a digest's URL leads to, for bytes that have come just now.
    static func representation(of blob: SealedBlob, at url: DigestPath) -> Representation {
        let asked = RequestedResource(.digest, paths: [], digest: blob.digest)
        return switch url.subject {
        case .module: module(blob, asked, .immutable, nil)
        case .digest: digest(of: blob, asked, .immutable)
        }
    }

    /// Adds all modules that have the same bytes.
    private mutating func add(_ modules: [Module], of digest: Digest, now: HTTPDate) {
        for module in modules {
            let asked = RequestedResource(
                .name,
                paths: [module.path.urlPath],
                digest: digest,
                lastFetches: [module.lastFetch]
            )
            let path = "/\(module.path)"
            Self.add(module.blob, asked, at: path, .revalidate, nil, to: &routes) { .representation($0) }
        }
        guard let last = modules.last else { return }
        let asked = RequestedResource(
            .digest,
            paths: modules.map(\.path.urlPath),
            digest: digest,
            lastFetches: modules.map(\.lastFetch)
        )
        let date = last.modified.flatMap { Self.date($0, now: now) }
        let path = DigestPath.text(of: digest)
        Self.add(last.blob, asked, at: path, .immutable, date, to: &routes) { .representation($0) }
    }

    private static func add(
        _ blob: SealedBlob,
        _ asked: RequestedResource,
        at path: String,
        _ caching: Representation.Caching,
        _ lastModified: HTTPDate?,
        to routes: inout [String: Route],
        _ route: (Representation) -> Route
    ) {
        routes[path] = route(module(blob, asked, caching, lastModified))
        routes[path + InterfacePath.digestSuffix] = route(digest(of: blob, asked, caching))
    }
}
