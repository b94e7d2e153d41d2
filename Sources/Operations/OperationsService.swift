// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPSemantics
package import HTTPService

/// A document at the operations port.
package protocol OperationsDocument: Sendable {
    /// The document as it is now, or a little later.
    ///
    /// - Parameter request: What is asked.
    /// - Returns: The answer, which comes in bounded time.
    func answer(to request: Request) -> DeferredResponse
}

/// The operations port's answers: Kubernetes' probes, and documents that tell how things are.
///
/// | path | answer |
/// |-|-|
/// | `/livez` | 200 when the process answers |
/// | `/startupz` | 200 when the data port is open |
/// | `/readyz` | 200 when so it is, every module of every source is verified and served, and no shutdown has begun |
/// | a document's | its next version: the metrics, who has fetched what, a page |
///
/// With `?verbose` a probe lists what it looked at, with the same status, as Kubernetes' own components do.
package final class OperationsService: Responder {
    private let readiness: Readiness
    private let documents: [String: any OperationsDocument]

    /// Where metrics are found.
    package static let metricsPath = "/metrics"

    /// Probes of a server, and documents by their paths; one whose path ends with a slash answers at all paths below it that no other has.
    package init(readiness: Readiness, documents: [String: any OperationsDocument]) {
        (self.readiness, self.documents) = (readiness, documents)
    }

    /// The answer to a request.
    package func respond(to request: Request, from client: ClientAddress) -> Reply {
        guard request.method.isRead else { return .now(.methodNotAllowed) }
        switch request.path {
        case "/livez": return .now(answer(.live, to: request))
        case "/startupz": return .now(answer(.startup, to: request))
        case "/readyz": return .now(answer(.ready, to: request))
        case let path:
            if let document = document(at: path) { return .later(document.answer(to: request)) }
            let others = documents.keys.sorted().joined(separator: ", ")
            return .now(
                .problem(.notFound, detail: "The operations port answers /livez, /readyz, /startupz, \(others).")
            )
        }
    }

    private func document(at path: String) -> (any OperationsDocument)? {
        if let document = documents[path] { return document }
        // The root is a document, and not what answers at each path that there is none for.
        guard let folder = documents.keys.first(where: { $0.utf8.count > 1 && $0.hasSuffix("/") && path.hasPrefix($0) })
        else { return nil }
        return documents[folder]
    }

    private func answer(_ question: Probe.Question, to request: Request) -> Response {
        let parameters = request.query?.split(separator: "&") ?? []
        let isVerbose = parameters.contains { $0 == "verbose" || $0.hasPrefix("verbose=") }
        return readiness.answer(question, isVerbose: isVerbose)
    }
}
