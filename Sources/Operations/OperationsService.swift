// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import HTTPSemantics

/// The operations port's answers: Kubernetes' probes and Prometheus' metrics.
///
/// | path | answer |
/// |-|-|
/// | `/livez` | 200 when the process answers |
/// | `/startupz` | 200 when the data port is open |
/// | `/readyz` | 200 when so it is, every module of every source is verified and served, and no shutdown has begun |
/// | `/metrics` | all metrics in Prometheus' text format |
///
/// With `?verbose` a probe lists what it looked at, with the same status, as Kubernetes' own components do.
package struct OperationsService: Responder {
    private let readiness: Readiness
    private let metrics: PrometheusRegistry

    /// Probes and metrics of a server.
    package init(readiness: Readiness, metrics: PrometheusRegistry) {
        self.readiness = readiness
        self.metrics = metrics
    }

    /// The answer to a request.
    package func respond(to request: Request, from client: String) -> Reply {
        .now(answer(to: request))
    }

    func answer(to request: Request) -> Response {
        guard request.method.isRead else { return .methodNotAllowed }
        switch request.path {
        case "/livez":
            return answer(Probe(name: "livez", checks: [Check("ping")]), to: request)
        case "/startupz":
            return answer(Probe(name: "startupz", checks: readiness.startupChecks), to: request)
        case "/readyz":
            let probe = Probe(name: "readyz", checks: readiness.readyChecks, details: readiness.details)
            return answer(probe, to: request)
        case "/metrics":
            return .document(.ok, Exposition.mediaType, metrics.exposition())
        default:
            return .problem(
                .notFound,
                detail: "The operations port answers /livez, /readyz, /startupz and /metrics."
            )
        }
    }

    private func answer(_ probe: Probe, to request: Request) -> Response {
        let parameters = request.query?.split(separator: "&") ?? []
        let isVerbose = parameters.contains { $0 == "verbose" || $0.hasPrefix("verbose=") }
        return isVerbose ? probe.verboseResponse : probe.response
    }
}
