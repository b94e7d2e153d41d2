// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Content
package import HTTPSemantics

/// What a URL answers `GET` with, rendered before anyone asks: one variant, or several of which each request chooses one.
package final class Representation: Sendable {
    /// How long a cache may use it.
    package enum Caching: String, Sendable {
        /// The bytes under this URL never change (RFC 8246).
        case immutable = "public, max-age=31536000, immutable"
        /// A copy must be validated before each use.
        case revalidate = "no-cache"
        /// It is a report of the moment.
        case never = "no-store"
    }

    /// What there is to choose from; no request that has no choice is copied or looked through for it.
    private final class Choice: Sendable {
        let properties: [VariantProperties]
        let variants: [RenderedVariant]

        init(_ properties: [VariantProperties], _ variants: [RenderedVariant]) {
            (self.properties, self.variants) = (properties, variants)
        }

        func variant(for request: Request) -> RenderedVariant {
            variants[ContentNegotiation.choice(among: properties, by: request.fields.negotiation)]
        }
    }

    /// What it is, or is about.
    package let resource: RequestedResource?
    /// The variant that is sent where no other is preferred.
    private let standard: RenderedVariant
    /// Nil if there is only one variant.
    private let choice: Choice?

    /// Renders a representation of several variants.
    ///
    /// - Parameters:
    ///   - standard: The variant that is sent where no other is preferred, nor any acceptable.
    ///   - others: The other variants; of those that are preferred alike, the first is sent.
    ///   - caching: How long a cache may use them.
    ///   - lastModified: When they last changed, where that can be told.
    ///   - resource: What it is, or is about.
    ///   - link: The value of `Link`, if there is anything to link to.
    package init(
        _ standard: Variant,
        or others: [Variant] = [],
        caching: Caching,
        lastModified: HTTPDate? = nil,
        resource: RequestedResource? = nil,
        link: String? = nil
    ) {
        let variants = [standard] + others
        let vary = ContentNegotiation.fields(distinguishing: variants.map(\.properties))
        let rendered = variants.indices.map { index in
            let variant = variants[index]
            // The same bytes as something else are another variant.
            let isAlike = variants[..<index].contains { $0.digest == variant.digest }
            let tag = EntityTag(strong: "sha256:\(variant.digest)\(isAlike ? ";\(index)" : "")")
            let validators = Validators(entityTag: tag, lastModified: lastModified)
            return RenderedVariant(
                variant,
                validators: validators,
                about: resource,
                caching: caching,
                vary: vary,
                link: link
            )
        }
        self.resource = resource
        self.standard = rendered[0]
        choice = others.isEmpty ? nil : Choice(variants.map(\.properties), rendered)
    }

    /// Renders a representation of one variant.
    ///
    /// - Parameters:
    ///   - body: All of its content.
    ///   - digest: The SHA-256 of the content: its entity tag and its `Repr-Digest`.
    ///   - mediaType: The value of `Content-Type`.
    ///   - caching: How long a cache may use it.
    ///   - lastModified: When it last changed, where that can be told.
    ///   - resource: What it is, or is about.
    ///   - link: The value of `Link`, if there is anything to link to.
    package convenience init(
        body: Response.Body,
        digest: Digest,
        mediaType: String,
        caching: Caching,
        lastModified: HTTPDate? = nil,
        resource: RequestedResource? = nil,
        link: String? = nil
    ) {
        self.init(
            Variant(body: body, digest: digest, mediaType: mediaType),
            caching: caching,
            lastModified: lastModified,
            resource: resource,
            link: link
        )
    }

    /// The answer to a `GET` or `HEAD` for this representation.
    ///
    /// - Parameters:
    ///   - request: The request, whose path led here.
    ///   - now: Tells the present; asked only for conditions on dates.
    /// - Returns: 200, 206, 304, 412 or 416.
    package func response(to request: Request, now: () -> HTTPDate) -> Response {
        guard let choice else { return standard.response(to: request, now: now) }
        return choice.variant(for: request).response(to: request, now: now)
    }
}
