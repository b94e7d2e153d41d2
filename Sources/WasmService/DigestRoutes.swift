// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPSemantics
internal import HTTPService
internal import ModuleCatalog
internal import ServerInterface

/// Modules by their digests, current or kept; one that is not here is looked for elsewhere.
struct DigestRoutes: RouteFamily {
    /// Looks elsewhere; nil if there is no elsewhere.
    let search: (any DigestSearch)?
    /// Tells the present, for conditions on dates.
    let now: @Sendable () -> HTTPDate

    func routes(of snapshot: Snapshot, now: HTTPDate) -> [String: Route] {
        var routes: [String: Route] = [:]
        for (digest, modules) in Dictionary(grouping: snapshot.modules, by: \.blob.digest) {
            guard let last = modules.last else { continue }
            let resource = RequestedResource(
                .digest,
                paths: modules.map(\.path.urlPath),
                digest: digest,
                lastFetches: modules.map(\.lastFetch)
            )
            let path = DigestPath.text(of: digest)
            routes.add(last.blob, resource, at: path, .immutable, last.modified, now: now) { .representation($0) }
        }
        return routes
    }

    func routes(ofKept module: KeptModule, now: HTTPDate) -> [String: Route] {
        let digest = module.blob.digest
        let resource = RequestedResource(.digest, paths: [], digest: digest, lastFetches: [module.lastFetch])
        let path = DigestPath.text(of: digest)
        var routes: [String: Route] = [:]
        routes.add(module.blob, resource, at: path, .immutable, module.modified, now: now) { .kept($0, module) }
        return routes
    }

    /// Peers do not ask further, so that no request goes round in circles.
    func answer(to question: RouteQuestion) -> Reply? {
        guard DigestPath.isBelow(question.path) else { return nil }
        guard let path = DigestPath(question.path) else {
            let spelling = "A digest is 64 lowercase hexadecimal digits"
            return .now(Self.missing("\(spelling): GET \(DigestPath.template), or that with .sha256."))
        }
        guard let search, question.request.fields.own == nil else {
            return .now(
                Self.missing(
                    """
                    This server does not have this digest\(search == nil ? ", and has no peers to get it from" : ""); \
                    GET /modules lists those there are.
                    """
                )
            )
        }
        let (deferred, request, now) = (DeferredResponse(), question.request, now)
        search.search(for: path.digest, from: "\(question.client.host)", holding: request.byteCount) { outcome in
            switch outcome {
            case .found(let blob):
                deferred.deliver(Self.representation(of: blob, at: path).response(to: request, now: now))
            case .unknown:
                deferred.deliver(Self.missing("Neither this server nor any peer has this digest."))
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

    /// 404, with what is missing.
    private static func missing(_ detail: String) -> Response {
        .problem(.notFound, detail: detail, resource: .missing(.digest))
    }

    /// What a digest's path leads to, for bytes that have come just now.
    private static func representation(of blob: SealedBlob, at path: DigestPath) -> Representation {
        let resource = RequestedResource(.digest, paths: [], digest: blob.digest)
        return switch path.subject {
        case .module: .module(blob, resource, .immutable, nil)
        case .digest: .digest(of: blob, resource, .immutable)
        }
    }
}
