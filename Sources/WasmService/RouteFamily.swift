// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPSemantics
internal import HTTPService
internal import ModuleCatalog

/// What answers a family of paths: those of modules by name, by digest, of configuration.
///
/// To add one: a type that prepares what can be prepared, looks up the rest, and says in its own format what is wrong; and a line
/// where ``WasmService`` lists them.
protocol RouteFamily: Sendable {
    /// What paths of the family lead to as long as a snapshot is served, rendered before anyone asks.
    ///
    /// - Parameters:
    ///   - snapshot: What is served.
    ///   - now: The present; a file from the future has no date that could be told.
    /// - Returns: What each path, with its percent-encoding undone, leads to.
    func routes(of snapshot: Snapshot, now: HTTPDate) -> [String: Route]

    /// What paths of the family lead to as long as a module is kept that is no longer current.
    ///
    /// - Parameters:
    ///   - module: The module.
    ///   - now: The present.
    /// - Returns: What each path leads to; the paths depend on the module's digest alone.
    func routes(ofKept module: KeptModule, now: HTTPDate) -> [String: Route]

    /// The answer to a request that no path could answer, such as one with another method, in the family's own format.
    ///
    /// - Parameters:
    ///   - problem: The answer in the usual format.
    ///   - path: The path with its percent-encoding undone.
    /// - Returns: The answer; nil if the path is of another family, or the usual format will do.
    func rephrase(_ problem: Response, at path: String) -> Response?

    /// The answer at a path where nothing is prepared.
    ///
    /// - Parameter question: What is asked.
    /// - Returns: The answer or its promise; nil if the path is of another family.
    func answer(to question: RouteQuestion) -> Reply?
}

extension RouteFamily {
    func routes(of snapshot: Snapshot, now: HTTPDate) -> [String: Route] { [:] }

    func routes(ofKept module: KeptModule, now: HTTPDate) -> [String: Route] { [:] }

    func rephrase(_ problem: Response, at path: String) -> Response? { nil }

    func answer(to question: RouteQuestion) -> Reply? { nil }
}

/// What a prepared path leads to.
enum Route: Sendable {
    case representation(Representation)
    /// A module that is no longer current, or its digest.
    case kept(Representation, KeptModule)
    /// What is always answered the same, such as that a module may not be served.
    case response(Response)
    /// The list of modules as it was before something else was kept.
    case formerList(Representation)

    /// The current module that is here.
    var module: Digest? {
        if case .representation(let representation) = self { representation.resource?.digest } else { nil }
    }
}

/// A request whose path leads to nothing that is prepared.
struct RouteQuestion {
    /// The path with its percent-encoding undone.
    let path: String
    /// The request.
    let request: Request
    /// The address and port of who asks.
    let client: ClientAddress
    /// Whether it came over TLS.
    let isSecure: Bool
    /// The digest of the module that is served at a path; nil if none is.
    let module: (String) -> Digest?
}

extension Response {
    /// How long a client should wait before it asks again for what is not to be had now, in seconds.
    private static let retryAfter = 1

    /// 404: there is no module where one might be.
    static func noModule(at path: String = "this path", _ resource: RequestedResource? = nil) -> Response {
        .problem(
            .notFound,
            detail: "There is no module at \(path); GET /modules lists those there are.",
            resource: resource
        )
    }

    /// 503: what is not to be had now, and may be soon; a proxy tries again after a 503 and never after a 404.
    static func unavailable(_ detail: String, _ resource: RequestedResource) -> Response {
        .problem(
            .serviceUnavailable,
            detail: detail,
            fields: [ResponseHead.Field("retry-after", "\(retryAfter)")],
            resource: resource
        )
    }
}
