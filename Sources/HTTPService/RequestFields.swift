// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import HTTPSemantics

/// The request fields that matter here; every other field is dropped as it is read.
///
/// A field that is sent on several lines is their list, joined by commas (RFC 9110 §5.3).
package struct RequestFields: Sendable {
    /// Whom the client asks: the target's authority if it has one, else `Host`; `:authority` of HTTP/2 (RFC 9110 §7.2).
    package private(set) var authority: String?
    /// Those by which the answer can differ from the whole representation.
    package private(set) var conditions = ConditionalFields()
    /// Those by which a variant of the representation is chosen; none unless the service has such representations.
    package private(set) var negotiation = NegotiationFields()
    /// What the client says that it is (RFC 9110 §10.1.5).
    package private(set) var userAgent: String?
    /// Who the request was forwarded for, as a proxy says; Envoy names itself there (`async_client_impl.cc`).
    package private(set) var forwardedFor: String?
    /// `x-request-id`, as Envoy sends it.
    package private(set) var requestID: String?
    /// W3C Trace Context, `traceparent`.
    package private(set) var traceparent: String?

    /// What is said in fields of this server's own, by which its processes know each other.
    ///
    /// Anyone can send one: what it says is a claim.
    package private(set) var own: String?

    /// How many bytes their values have.
    var byteCount: Int {
        let values =
            [
                authority, conditions.ifMatch, conditions.ifNoneMatch, conditions.ifModifiedSince,
                conditions.ifUnmodifiedSince,
                conditions.ifRange, conditions.range, conditions.wantReprDigest, userAgent, forwardedFor, requestID,
                traceparent, own,
            ] + NegotiationFields.Name.allCases.map { negotiation[$0] }
        return values.reduce(0) { $0 + ($1?.utf8.count ?? 0) }
    }

    /// No fields.
    package init() {}

    /// Takes in whom the client asks; only the first counts.
    package mutating func add(authority value: String) {
        authority = authority ?? value
    }

    /// Takes in whom an HTTP/1.x request's target names: `Host` does not count then (RFC 9112 §3.2.2).
    package mutating func replace(authority value: String) {
        authority = value
    }

    /// Takes a field line in, if it is one that matters.
    ///
    /// - Parameters:
    ///   - name: The field's name, in lowercase.
    ///   - value: The field's value, without white space around it.
    ///   - selection: Which fields are read besides those that every service reads.
    package mutating func add(
        name: String,
        value: @autoclosure () -> String,
        reading selection: FieldSelection = FieldSelection()
    ) {
        switch name {
        case "if-match": conditions.add(.ifMatch, value())
        case "if-none-match": conditions.add(.ifNoneMatch, value())
        case "if-modified-since": conditions.add(.ifModifiedSince, value())
        case "if-unmodified-since": conditions.add(.ifUnmodifiedSince, value())
        case "if-range": conditions.add(.ifRange, value())
        case "range": conditions.add(.range, value())
        case "want-repr-digest": conditions.add(.wantReprDigest, value())
        case "user-agent": userAgent.append(line: value())
        case "x-forwarded-for": forwardedFor.append(line: value())
        case "x-request-id": requestID.append(line: value())
        case "traceparent": traceparent.append(line: value())
        default:
            if selection.own.contains(name) {
                own.append(line: value())
            } else if selection.hasNegotiation, let name = NegotiationFields.Name(rawValue: name) {
                negotiation.add(name, value())
            }
        }
    }
}

/// Which request fields a service reads besides those that every service reads.
package struct FieldSelection: Sendable {
    /// The names, in lowercase, of the fields by which processes of this server know each other.
    package let own: [String]
    /// Whether clients' preferences count, as some representation has several variants.
    package let hasNegotiation: Bool

    /// A selection; by default of nothing more.
    package init(own: [String] = [], hasNegotiation: Bool = false) {
        (self.own, self.hasNegotiation) = (own, hasNegotiation)
    }
}
