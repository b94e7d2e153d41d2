// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Content
internal import HTTPSemantics

/// One form of a representation: its bytes, and what they are.
package struct Variant: Sendable {
    /// All of its content.
    let body: Response.Body
    /// The SHA-256 of the content: its entity tag and its `Repr-Digest`.
    let digest: Digest
    /// By what it differs from others.
    let properties: VariantProperties

    /// A variant from its parts.
    ///
    /// - Parameters:
    ///   - body: All of its content, coded as it is sent.
    ///   - digest: The SHA-256 of that: each variant has an entity tag of its own (RFC 9110 §8.8.3.3).
    ///   - mediaType: The value of `Content-Type`.
    ///   - contentCoding: The value of `Content-Encoding`, in lowercase; nil for none.
    ///   - contentLanguage: The value of `Content-Language`, one language tag; nil for none.
    package init(
        body: Response.Body,
        digest: Digest,
        mediaType: String,
        contentCoding: String? = nil,
        contentLanguage: String? = nil
    ) {
        (self.body, self.digest) = (body, digest)
        properties = VariantProperties(
            mediaType: mediaType,
            contentCoding: contentCoding,
            contentLanguage: contentLanguage
        )
    }
}

/// A variant with its usual answers, rendered before anyone asks.
final class RenderedVariant: Sendable {
    private let body: Response.Body
    private let validators: Validators
    private let resource: RequestedResource?
    /// The fields of every answer with content, but its length.
    private let fields: [ResponseHead.Field]
    private let whole: Response
    private let notModified: Response

    /// Renders a variant.
    ///
    /// - Parameters:
    ///   - variant: It.
    ///   - validators: Its own.
    ///   - resource: What it is, or is about.
    ///   - caching: How long a cache may use it.
    ///   - vary: The request fields that it was chosen by.
    ///   - link: The value of `Link`, if there is anything to link to.
    init(
        _ variant: Variant,
        validators: Validators,
        about resource: RequestedResource?,
        caching: Representation.Caching,
        vary: [NegotiationFields.Name],
        link: String?
    ) {
        body = variant.body
        self.validators = validators
        self.resource = resource
        var validation = [
            ResponseHead.Field("cache-control", caching.rawValue),
            ResponseHead.Field("etag", validators.entityTag.description),
        ]
        if let lastModified = validators.lastModified {
            validation.append(ResponseHead.Field("last-modified", lastModified.description))
        }
        if !vary.isEmpty {
            validation.append(ResponseHead.Field("vary", vary.map(\.rawValue).joined(separator: ", ")))
        }
        let properties = variant.properties
        fields =
            [
                ResponseHead.Field("content-type", properties.mediaType),
                properties.contentCoding.map { ResponseHead.Field("content-encoding", $0) },
                properties.contentLanguage.map { ResponseHead.Field("content-language", $0) },
                ResponseHead.Field("repr-digest", "sha-256=:\(variant.digest.base64):"),
                ResponseHead.Field("accept-ranges", "bytes"),
                ResponseHead.Field("x-content-type-options", "nosniff"),
            ]
            .compactMap(\.self) + validation + (link.map { [ResponseHead.Field("link", $0)] } ?? [])
        let length = ResponseHead.Field("content-length", "\(body.count)")
        whole = Response(head: ResponseHead(.ok, [length] + fields), body: body, resource: resource)
        // What a 304 repeats of a 200: RFC 9110 §15.4.5.
        notModified = Response(head: ResponseHead(.notModified, validation), body: .none, resource: resource)
    }

    /// The answer to a `GET` or `HEAD` for this variant (RFC 9110 §13.2, §14.2).
    ///
    /// - Parameters:
    ///   - request: The request, which has chosen it.
    ///   - now: Tells the present; asked only for conditions on dates.
    /// - Returns: 200, 206, 304, 412 or 416.
    func response(to request: Request, now: () -> HTTPDate) -> Response {
        guard request.fields.hasConditions else { return whole }
        return
            switch Selection.of(
                request.fields.conditions,
                method: request.method,
                validators: validators,
                length: body.count,
                now: now
            )
        {
        case .whole:
            sendsDigest(to: request)
                ? whole
                : Response(head: head(.ok, count: body.count, for: request), body: body, resource: resource)
        case .part(let range):
            part(range, for: request)
        case .notModified:
            notModified
        case .preconditionFailed:
            .problem(
                .preconditionFailed,
                detail: "What is served here has the entity tag \(validators.entityTag), which the request rules out.",
                resource: resource
            )
        case .rangeNotSatisfiable:
            .problem(
                .rangeNotSatisfiable,
                detail: "The requested range lies behind the end: there are \(body.count) bytes.",
                fields: [ResponseHead.Field("content-range", "bytes */\(body.count)")],
                resource: resource
            )
        }
    }

    private func part(_ range: Range<Int>, for request: Request) -> Response {
        let contentRange = ResponseHead.Field(
            "content-range",
            "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(body.count)"
        )
        let head = head(.partialContent, count: range.count, adding: [contentRange], for: request)
        return Response(head: head, body: body.part(range), resource: resource)
    }

    private func sendsDigest(to request: Request) -> Bool {
        DigestPreference.permitsSHA256(request.fields.conditions.wantReprDigest)
    }

    private func head(
        _ status: Status,
        count: Int,
        adding additional: [ResponseHead.Field] = [],
        for request: Request
    ) -> ResponseHead {
        let wanted = sendsDigest(to: request) ? fields : fields.filter { $0.name != "repr-digest" }
        return ResponseHead(status, [ResponseHead.Field("content-length", "\(count)")] + additional + wanted)
    }
}

extension Response.Body {
    /// These bytes of the content.
    fileprivate func part(_ range: Range<Int>) -> Response.Body {
        switch self {
        case .none: .none
        case .bytes(let bytes): .bytes(bytes.part(range))
        case .blob(let blob, let whole):
            .blob(blob, whole.lowerBound + range.lowerBound..<whole.lowerBound + range.upperBound)
        }
    }
}
