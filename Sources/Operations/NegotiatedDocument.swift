// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics
package import HTTPService

/// What is told in JSON to programs, and as a page to people: by `Accept` (RFC 9110 §12.5.1), or by the query's `format`.
package struct NegotiatedDocument: OperationsDocument {
    private let json: any OperationsDocument
    private let page: any OperationsDocument

    /// The field that either answer has: a cache must not give one for the other.
    package static let vary = ResponseHead.Field("vary", NegotiationFields.Name.accept.rawValue)

    private static let variants = [
        VariantProperties(mediaType: "application/json"), VariantProperties(mediaType: "text/html; charset=utf-8"),
    ]

    /// A document for those who say nothing of what they want, and a page for those who want one.
    package init(json: any OperationsDocument, page: any OperationsDocument) {
        (self.json, self.page) = (json, page)
    }

    package func answer(to request: Request) -> DeferredResponse {
        (Self.wantsPage(request) ? page : json).answer(to: request)
    }

    /// Whether a request is for a page.
    package static func wantsPage(_ request: Request) -> Bool {
        let parameters = request.query?.split(separator: "&") ?? []
        if parameters.contains("format=json") { return false }
        if parameters.contains("format=html") { return true }
        return ContentNegotiation.choice(among: variants, by: request.fields.negotiation) == 1
    }
}
