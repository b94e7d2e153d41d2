// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPSemantics
internal import HTTPService
internal import ModuleCatalog
internal import ServerInterface

/// Modules by their names, and their digests as text; every path that is of no other family.
struct ModuleRoutes: RouteFamily {
    func routes(of snapshot: Snapshot, now: HTTPDate) -> [String: Route] {
        var routes: [String: Route] = [:]
        for module in snapshot.modules {
            let resource = RequestedResource(
                .name,
                paths: [module.path.urlPath],
                digest: module.blob.digest,
                lastFetches: [module.lastFetch]
            )
            routes.add(module.blob, resource, at: "/\(module.path)", .revalidate) { .representation($0) }
        }
        for rejected in snapshot.rejected {
            guard let path = rejected.path, routes["/\(path)"] == nil else { continue }
            let resource = RequestedResource(.name, paths: [path.urlPath], digest: nil)
            let detail = "The module at this path is not served: it \(rejected.error.reason)."
            routes["/\(path)"] = .response(.unavailable(detail, resource))
            routes["/\(path)\(InterfacePath.digestSuffix)"] = .response(.unavailable(detail, resource.asDigest))
        }
        return routes
    }

    func answer(to question: RouteQuestion) -> Reply? {
        let isNamed = ["", InterfacePath.digestSuffix].contains { end in
            question.path.hasSuffix(ModulePath.suffix + end)
        }
        return .now(.noModule(isNamed ? .missing(.name) : nil))
    }
}
