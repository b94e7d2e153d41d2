// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPSemantics
internal import HTTPService
internal import ModuleCatalog
internal import ServerInterface

/// Whether there is a server, as the predecessor told it; what else is told of it, the operations port answers.
struct HealthRoute: RouteFamily {
    func routes(of snapshot: Snapshot, now: HTTPDate) -> [String: Route] {
        let health = Array(#"{"status":"Healthy"}"#.utf8)
        return [InterfacePath.health: .representation(.document(SharedBytes(health), Digest(of: health)))]
    }

    /// Says where the other port answers, of what is asked there.
    func answer(to question: RouteQuestion) -> Reply? {
        guard InterfacePath.operations.contains(question.path) else { return nil }
        let detail = "This is the data port; the operations port, 9082 by default, answers probes and metrics."
        return .now(.problem(.notFound, detail: detail))
    }
}
