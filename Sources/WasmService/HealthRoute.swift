// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPSemantics
internal import HTTPService
internal import ModuleCatalog
internal import ServerInterface

/// Whether there is a server, as the predecessor told it.
struct HealthRoute: RouteFamily {
    func routes(of snapshot: Snapshot, now: HTTPDate) -> [String: Route] {
        let health = Array(#"{"status":"Healthy"}"#.utf8)
        return [InterfacePath.health: .representation(.document(SharedBytes(health), Digest(of: health)))]
    }
}
