// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPSemantics
package import HTTPService
internal import ModuleCatalog
internal import ServerInterface
internal import Synchronization

/// Answers the requests of one event loop.
package final class WasmResponder: Responder {
    private struct State {
        var table: RouteTable
        /// Where the last request led to a route: most ask for the same as the one before.
        var latestPath: [UInt8] = []
        var latestRoute: Route?

        init(table: RouteTable) {
            self.table = table
        }

        /// What a request's path leads to, if it is to anything that is prepared.
        mutating func route(to path: String) -> Route? {
            let isLatest = unsafe path.utf8.withContiguousStorageIfAvailable {
                unsafe $0.span.isEqual(to: latestPath.span)
            }
            if isLatest == true { return latestRoute }
            guard case .name(let name) = RequestPath(decoding: path), let route = table[name] else { return nil }
            (latestPath, latestRoute) = (Array(path.utf8), route)
            return route
        }
    }

    private let state: Mutex<State>
    private let families: [any RouteFamily]
    private let search: (any DigestSearch)?
    private let isSecure: Bool
    private let now: @Sendable () -> HTTPDate
    /// Promises an answer with the next list of modules; nil if it cannot be made now.
    private let nextList: @Sendable (Request) -> DeferredResponse?

    init(
        _ table: RouteTable,
        families: [any RouteFamily],
        search: (any DigestSearch)?,
        isSecure: Bool,
        now: @escaping @Sendable () -> HTTPDate,
        nextList: @escaping @Sendable (Request) -> DeferredResponse?
    ) {
        self.nextList = nextList
        state = Mutex(State(table: table))
        (self.families, self.search) = (families, search)
        self.isSecure = isSecure
        self.now = now
    }

    /// Replaces the tables of several responders, none of which answers before all are replaced.
    static func replaceTables(of responders: ArraySlice<WasmResponder>, by table: RouteTable) {
        guard let first = responders.first else { return }
        first.state.withLock { state in
            replaceTables(of: responders.dropFirst(), by: table)
            state = State(table: table)
        }
    }

    /// The answer to a request.
    ///
    /// | request | answer |
    /// |-|-|
    /// | another method than `GET` and `HEAD` | 405 |
    /// | a path that is not one | 400 |
    /// | a path that leads nowhere | 404 |
    /// | configuration for a gateway | YAML that names the server as the request does |
    /// | the list of modules, while something else is kept than it tells | the next list, once it is rendered |
    /// | a digest that is not here, of anyone but a peer | what the search for it comes to |
    /// | a module that was rejected, where none was served before | 503, because a proxy tries again after a 503 and never after a 404 |
    /// | anything else | what was rendered for it |
    package func respond(to request: Request, from client: ClientAddress) -> Reply {
        guard request.method.isRead else { return .now(rephrased(.methodNotAllowed, at: request.path)) }
        if let peer = request.fields.own, let search { search.wasAsked(by: "\(client)", as: peer) }
        switch state.withLock({ $0.route(to: request.path) }) {
        case .representation(let representation):
            return .now(representation.response(to: request, now: now))
        case .kept(let representation, let module):
            // Peers ask on behalf of others, or to have it too: that is no use of it.
            if request.fields.own == nil { module.wasFetched() }
            return .now(representation.response(to: request, now: now))
        case .formerList(let list):
            return nextList(request).map { .later($0) } ?? .now(list.response(to: request, now: now))
        case .response(let response):
            return .now(response)
        case nil:
            return lookUp(request, from: client)
        }
    }

    /// A problem that has nothing to do with what is at a path, in the format of the family whose path it is.
    private func rephrased(_ problem: Response, at path: String) -> Response {
        guard case .name(let name) = RequestPath(decoding: path) else { return problem }
        for family in families {
            if let answer = family.rephrase(problem, at: name) { return answer }
        }
        return problem
    }

    /// What the first family says whose path it is.
    private func lookUp(_ request: Request, from client: ClientAddress) -> Reply {
        let path: String
        switch RequestPath(decoding: request.path) {
        case .name(let name): path = name
        case .malformed(let reason):
            return .now(.problem(.badRequest, detail: "The path cannot be read: \(reason)."))
        }
        let question = RouteQuestion(path: path, request: request, client: client, isSecure: isSecure) { path in
            self.state.withLock { $0.table[path]?.module }
        }
        for family in families {
            if let answer = family.answer(to: question) { return answer }
        }
        return .now(.noModule())
    }
}
