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
    private let table: Mutex<RouteTable>
    private let search: (any DigestSearch)?
    private let isSecure: Bool
    private let now: @Sendable () -> HTTPDate
    /// Promises an answer with the next list of modules; nil if it cannot be made now.
    private let nextList: @Sendable (Request) -> DeferredResponse?

    init(
        _ table: RouteTable,
        search: (any DigestSearch)?,
        isSecure: Bool,
        now: @escaping @Sendable () -> HTTPDate,
        nextList: @escaping @Sendable (Request) -> DeferredResponse?
    ) {
        self.nextList = nextList
        self.table = Mutex(table)
        self.search = search
        self.isSecure = isSecure
        self.now = now
    }

    /// Replaces the tables of several responders, none of which answers before all are replaced.
    static func replaceTables(of responders: ArraySlice<WasmResponder>, by table: RouteTable) {
        guard let first = responders.first else { return }
        first.table.withLock { current in
            replaceTables(of: responders.dropFirst(), by: table)
            current = table
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
    package func respond(to request: Request, from client: String) -> Reply {
        guard request.method.isRead else { return .now(.methodNotAllowed) }
        if let search, let peer = request.fields.own { search.wasAsked(by: client, as: peer) }
        switch RequestPath(decoding: request.path) {
        case .malformed(let reason):
            return .now(.problem(.badRequest, detail: "The path cannot be read: \(reason)."))
        case .name(let name):
            switch table.withLock({ $0[name] }) {
            case .representation(let representation):
                return .now(representation.response(to: request, now: now))
            case .kept(let representation, let module):
                // Peers ask on behalf of others, or to have it too: that is no use of it.
                if search == nil || request.fields.own == nil { module.wasFetched() }
                return .now(representation.response(to: request, now: now))
            case .formerList(let list):
                return nextList(request).map { .later($0) } ?? .now(list.response(to: request, now: now))
            case .rejected(let module, let reason):
                return .now(.unavailable("The module at this path is not served: it \(reason).", module))
            case nil:
                return lookElsewhere(name, for: request, from: client)
            }
        }
    }

    /// Peers do not ask further, so that no request goes round in circles.
    private func lookElsewhere(_ name: String, for request: Request, from client: String) -> Reply {
        if let url = ManifestPath(name) {
            let digest = table.withLock { $0[url.modulePath]?.module }
            return .now(url.response(to: request, isSecure: isSecure, digest: digest, now: now))
        }
        guard let url = DigestPath(name), let search, request.fields.own == nil else {
            return .now(
                .problem(
                    .notFound,
                    detail: "There is no module at this path; GET /modules lists those there are.",
                    resource: Self.missingModule(at: name)
                )
            )
        }
        let deferred = DeferredResponse()
        let now = now
        let address = client.lastIndex(of: ":").map { client[..<$0] } ?? client[...]
        search.search(for: url.digest, from: String(address), holding: request.byteCount) { outcome in
            switch outcome {
            case .found(let blob):
                deferred.deliver(RouteTable.representation(of: blob, at: url).response(to: request, now: now))
            case .unknown:
                deferred.deliver(
                    .problem(
                        .notFound,
                        detail: "Neither this server nor any peer has this digest.",
                        resource: .missing(.digest)
                    )
                )
            case .unavailable:
                deferred.deliver(
                    .unavailable(
                        "This server does not have this digest, and could not get it from its peers now.",
                        .missing(.digest)
                    )
                )
            }
        }
        return .later(deferred)
    }

    /// The module that a path would be about; nil for any that could not be one's.
    private static func missingModule(at path: String) -> RequestedResource? {
        if DigestPath.isBelow(path) { return .missing(.digest) }
        let isNamed =
            path.hasSuffix(ModulePath.suffix) || path.hasSuffix(ModulePath.suffix + InterfacePath.digestSuffix)
        return isNamed ? .missing(.name) : nil
    }
}

extension Response {
    /// How long a client should wait before it asks again for what is not to be had now, in seconds.
    private static let retryAfter = 1

    /// 503: what is not to be had now, and may be soon.
    fileprivate static func unavailable(_ detail: String, _ resource: RequestedResource) -> Response {
        .problem(
            .serviceUnavailable,
            detail: detail,
            fields: [ResponseHead.Field("retry-after", "\(retryAfter)")],
            resource: resource
        )
    }
}
