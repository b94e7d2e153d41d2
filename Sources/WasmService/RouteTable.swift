// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics
internal import HTTPService
internal import ModuleCatalog
internal import ServerInterface

/// Every path that is prepared, and what it leads to: a snapshot, rendered.
struct RouteTable: Sendable {
    private let families: [any RouteFamily]
    private let routes: [RoutePath: Route]
    /// What is kept, by itself: it changes while everything else stays, and is small.
    private var kept: [RoutePath: Route] = [:]
    /// What `/modules` leads to: the one document that is rendered anew while the same is served.
    private(set) var list: Representation
    /// Whether it tells what is kept now.
    private var listIsCurrent = true

    /// Renders a snapshot.
    ///
    /// - Parameters:
    ///   - snapshot: What is served.
    ///   - families: What answers; a path that two of them have is that of the first.
    ///   - list: What `/modules` leads to.
    ///   - now: The present.
    init(_ snapshot: Snapshot, by families: [any RouteFamily], list: Representation, now: HTTPDate) {
        (self.families, self.list) = (families, list)
        routes = families.reduce(into: [:]) { routes, family in
            let prepared = family.routes(of: snapshot, now: now).lazy.map { (RoutePath($0.key), $0.value) }
            routes.merge(prepared) { first, _ in first }
        }
        keep(snapshot.kept, now: now)
    }

    /// Adds what is kept from now on.
    mutating func keep(_ modules: [KeptModule], now: HTTPDate) {
        for module in modules {
            let prepared = families.map { $0.routes(ofKept: module, now: now) }
            for routes in prepared.reversed() {
                kept.merge(routes.lazy.map { (RoutePath($0.key), $0.value) }) { _, new in new }
            }
        }
    }

    /// Takes out what is no longer kept.
    mutating func drop(_ modules: [KeptModule], now: HTTPDate) {
        for module in modules {
            for path in families.flatMap({ $0.routes(ofKept: module, now: now).keys }) {
                kept[RoutePath(path)] = nil
            }
        }
    }

    /// Replaces what `/modules` leads to.
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
        let path = RoutePath(path)
        if let route = routes[path] ?? kept[path] { return route }
        guard path == RoutePath(ModuleIndex.path) else { return nil }
        return listIsCurrent ? .representation(list) : .formerList(list)
    }
}
