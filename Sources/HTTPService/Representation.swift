// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Content
package import HTTPSemantics

/// What a URL answers `GET` with, rendered before anyone asks.
package struct Representation: Sendable {
    /// How long a cache may use it.
    package enum Caching: String, Sendable {
        /// The bytes under this URL never change (RFC 8246).
        case immutable = "public, max-age=31536000, immutable"
        /// A copy must be validated before each use.
        case revalidate = "no-cache"
        /// It is a report of the moment.
        case never = "no-store"
    }

    private let body: Response.Body
    private let validators: Validators
    /// What it is, or is about.
    package let resource: RequestedResource?
    /// The fields of every answer with content, but its length.
    private let fields: [ResponseHead.Field]
    private let whole: ResponseHead
    private let notModified: ResponseHead

    /// Renders a representation.
    ///
    /// - Parameters:
    ///   - body: All of its content.
    ///   - digest: The SHA-256 of the content: its entity tag and its `Repr-Digest`.
    ///   - mediaType: The value of `Content-Type`.
    ///   - caching: How long a cache may use it.
    ///   - lastModified: When it last changed, where that can be told.
    ///   - resource: What it is, or is about.
    ///   - link: The value of `Link`, if there is anything to link to.
    package init(
        body: Response.Body,
        digest: Digest,
        mediaType: String,
        caching: Caching,
        lastModified: HTTPDate? = nil,
        resource: RequestedResource? = nil,
        link: String? = nil
    ) {
        self.body = body
        self.resource = resource
        validators = Validators(entityTag: EntityTag(strong: "sha256:\(digest)"), lastModified: lastModified)
        var validation = [
            ResponseHead.Field("cache-control", caching.rawValue),
            ResponseHead.Field("etag", validators.entityTag.description),
        ]
        if let lastModified { validation.append(ResponseHead.Field("last-modified", lastModified.description)) }
        fields =
            [
                ResponseHead.Field("content-type", mediaType),
                ResponseHead.Field("repr-digest", "sha-256=:\(digest.base64):"),
                ResponseHead.Field("accept-ranges", "bytes"),
                ResponseHead.Field("x-content-type-options", "nosniff"),
            ] + validation + (link.map { [ResponseHead.Field("link", $0)] } ?? [])
        whole = ResponseHead(.ok, [ResponseHead.Field("content-length", "\(body.count)")] + fields)
        // What a 304 repeats of a 200: RFC 9110 §15.4.5.
        notModified = ResponseHead(.notModified, validation)
    }

    /// The answer to a `GET` or `HEAD` for this representation (RFC 9110 §13.2, §14.2).
    ///
    /// - Parameters:
    ///   - request: The request, whose path led here.
    ///   - now: Tells the present; asked only for conditions on dates.
    /// - Returns: 200, 206, 304, 412 or 416.
    package func response(to request: Request, now: () -> HTTPDate) -> Response {
        switch Selection.of(
            request.fields.conditions,
            method: request.method,
            validators: validators,
            length: body.count,
            now: now
        ) {
        case .whole:
            let head = sendsDigest(to: request) ? whole : head(.ok, count: body.count, for: request)
            return Response(head: head, body: body, resource: resource)
        case .part(let range):
            let contentRange = ResponseHead.Field(
                "content-range",
                "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(body.count)"
            )
            let head = head(.partialContent, count: range.count, adding: [contentRange], for: request)
            return Response(head: head, body: body.part(range), resource: resource)
        case .notModified:
            return Response(head: notModified, body: .none, resource: resource)
        case .preconditionFailed:
            return .problem(
                .preconditionFailed,
                detail: "What is served here has the entity tag \(validators.entityTag), which the request rules out.",
                resource: resource
            )
        case .rangeNotSatisfiable:
            return .problem(
                .rangeNotSatisfiable,
                detail: "The requested range lies behind the end: there are \(body.count) bytes.",
                fields: [ResponseHead.Field("content-range", "bytes */\(body.count)")],
                resource: resource
            )
        }
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
