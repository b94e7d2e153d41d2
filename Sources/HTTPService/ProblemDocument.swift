// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
package import HTTPSemantics

extension Response {
    /// An error as a problem document (RFC 9457): a status, and a sentence that says what to do.
    ///
    /// - Parameters:
    ///   - status: An error status, 400 or above.
    ///   - detail: One or two sentences for the person who sees it. It is escaped here.
    ///   - fields: Further fields, such as `allow`.
    ///   - resource: What it is about.
    /// - Returns: The error as an answer.
    package static func problem(
        _ status: Status,
        detail: String,
        fields: [ResponseHead.Field] = [],
        resource: RequestedResource? = nil
    ) -> Response {
        let members = [
            "\"type\":\"about:blank\"",
            "\"title\":\(JSONText.quoted(status.reasonPhrase))",
            "\"status\":\(status.rawValue)",
            "\"detail\":\(JSONText.quoted(detail))",
        ]
        let document = Array("{\(members.joined(separator: ","))}\n".utf8)
        return .document(
            status,
            "application/problem+json",
            SharedBytes(document),
            fields: fields,
            resource: resource,
            reason: detail
        )
    }

    /// The answer to any method but `GET` and `HEAD`: the network only reads (RFC 9110 §15.5.6).
    package static let methodNotAllowed = problem(
        .methodNotAllowed,
        detail: "Nothing can be changed over the network; only GET and HEAD are answered.",
        fields: [ResponseHead.Field("allow", "GET, HEAD")]
    )
}
