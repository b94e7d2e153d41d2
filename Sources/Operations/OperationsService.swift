// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPSemantics
package import HTTPService

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
package final class OperationsService: Responder {
    private let readiness: Readiness
    private let metrics: MetricsPage

    /// Probes and metrics of a server.
    package init(readiness: Readiness, metrics: PrometheusRegistry) {
        self.readiness = readiness
        self.metrics = MetricsPage(of: metrics)
    }

    /// The answer to a request; metrics are written by a thread of their own, as event loops have modules to serve.
    package func respond(to request: Request, from client: ClientAddress) -> Reply {
        guard request.method.isRead else { return .now(.methodNotAllowed) }
        switch request.path {
        case "/livez": return .now(answer(.live, to: request))
        case "/startupz": return .now(answer(.startup, to: request))
        case "/readyz": return .now(answer(.ready, to: request))
        case "/metrics": return .later(metrics.next())
        default:
            return .now(
                .problem(.notFound, detail: "The operations port answers /livez, /readyz, /startupz and /metrics.")
            )
        }
    }

    private func answer(_ question: Probe.Question, to request: Request) -> Response {
        let parameters = request.query?.split(separator: "&") ?? []
        let isVerbose = parameters.contains { $0 == "verbose" || $0.hasPrefix("verbose=") }
        return readiness.answer(question, isVerbose: isVerbose)
    }
}

extension Response {
    /// A document that was made for this answer and that nobody is to keep; of an error, with its reason.
    static func document(
        _ status: Status,
        _ mediaType: String,
        _ content: SharedBytes,
        reason: String? = nil
    ) -> Response {
        let fields = [
            ResponseHead.Field("content-type", mediaType),
            ResponseHead.Field("content-length", "\(content.count)"),
            ResponseHead.Field("cache-control", "no-store"),
            ResponseHead.Field("x-content-type-options", "nosniff"),
        ]
        return Response(head: ResponseHead(status, fields), body: .bytes(content), reason: reason)
    }
}
