// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Credentials
internal import HTTPSemantics
internal import HTTPService

/// Answers clients whose certificate does not permit them to fetch, though its authority is known.
final class ForbiddenResponder: Responder {
    private let decision: AllowedClients.Decision?

    /// Tells a client what was decided of it; nil if it has shown no certificate.
    init(decision: AllowedClients.Decision?) { self.decision = decision }

    func respond(to request: Request, from client: ClientAddress) -> Reply {
        .now(.problem(.forbidden, detail: detail))
    }

    private var detail: String {
        guard let decision else { return "This client has shown no certificate." }
        return switch decision.objection {
        case .expired(let end):
            "The certificate of this client, \(decision.identity), expired at \(HTTPDate(seconds: end)); renew it, and connect again."
        case .nameless(let subject):
            """
            This client's certificate, of \(subject.map { "\($0)" } ?? "an unreadable subject"), has no DNS name or SPIFFE ID, \
            so it is not among those who may fetch; a common name does not count.
            """
        case .notListed, nil: "This client, \(decision.identity), is not among those who may fetch."
        }
    }
}

/// Answers clients that speak plain HTTP where TLS is spoken.
final class TLSRequiredResponder: Responder {
    func respond(to request: Request, from client: ClientAddress) -> Reply {
        .now(
            .problem(.badRequest, detail: "This port speaks TLS, and plain HTTP was sent; use an https:// URL.")
        )
    }
}
