// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import HTTPSemantics

/// The operations port's answers: Kubernetes' probes.
///
/// | probe | 200 when |
/// |-|-|
/// | `/livez` | the process answers |
/// | `/startupz` | the data port is open |
/// | `/readyz` | so it is, every module of every source is verified and served, and no shutdown has begun |
package struct OperationsService: Responder {
    private let readiness: Readiness

    /// Probes of a server.
    package init(readiness: Readiness) {
        self.readiness = readiness
    }

    /// The answer to a request.
    package func respond(to request: Request) -> Response {
        guard request.method.isRead else { return .methodNotAllowed }
        switch (request.path, readiness.phase) {
        case ("/livez", _), ("/startupz", .serving), ("/startupz", .draining), ("/readyz", .serving(refused: [])):
            return .text("ok")
        case ("/startupz", .starting), ("/readyz", .starting):
            return .problem(.serviceUnavailable, detail: "The server is starting.")
        case ("/readyz", .draining):
            return .problem(.serviceUnavailable, detail: "The server is shutting down.")
        case ("/readyz", .serving(let refused)):
            return .problem(
                .serviceUnavailable,
                detail: "Not everything could be verified: \(refused.joined(separator: "; "))"
            )
        default:
            return .problem(.notFound, detail: "The operations port answers /livez, /readyz and /startupz.")
        }
    }
}
