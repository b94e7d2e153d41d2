// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics
package import HTTPService

/// All metrics, in the format that a collector prefers (RFC 9110 §12.5.1): one that names none gets Prometheus' own.
package struct MetricsDocument: OperationsDocument {
    private let documents: [Exposition: LiveDocument]

    /// What is offered, the default first.
    ///
    /// Prometheus 3 asks for OpenMetrics with a parameter that says which names it takes.
    private static let variants: [(properties: VariantProperties, format: Exposition)] = [
        (VariantProperties(mediaType: Exposition.text.mediaType), .text),
        (VariantProperties(mediaType: Exposition.openMetrics.mediaType), .openMetrics),
        (VariantProperties(mediaType: "\(Exposition.openMetrics.mediaType); escaping=allow-utf-8"), .openMetrics),
    ]

    /// The metrics of a registry.
    package init(of registry: PrometheusRegistry) {
        documents = Dictionary(
            uniqueKeysWithValues: Exposition.allCases.map { format in
                let vary = ResponseHead.Field("vary", NegotiationFields.Name.accept.rawValue)
                return (format, LiveDocument(format.mediaType, fields: [vary]) { registry.exposition(as: format) })
            }
        )
    }

    package func answer(to request: Request) -> DeferredResponse {
        let choice = ContentNegotiation.choice(among: Self.variants.map(\.properties), by: request.fields.negotiation)
        guard let document = documents[Self.variants[choice].format] else {
            preconditionFailure("there is a document for each format")
        }
        return document.answer(to: request)
    }
}
