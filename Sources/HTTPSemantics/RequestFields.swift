// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// The request fields that matter here; every other field is dropped as it is read.
///
/// A field that is sent on several lines is their list, joined by commas (RFC 9110 §5.3).
package struct RequestFields: Sendable {
    /// Whom the client asks: the target's authority if it has one, else `Host`; `:authority` of HTTP/2 (RFC 9110 §7.2).
    package private(set) var authority: String?
    /// RFC 9110 §13.1.1.
    package private(set) var ifMatch: String?
    /// RFC 9110 §13.1.2.
    package private(set) var ifNoneMatch: String?
    /// RFC 9110 §13.1.3.
    package private(set) var ifModifiedSince: String?
    /// RFC 9110 §13.1.4.
    package private(set) var ifUnmodifiedSince: String?
    /// RFC 9110 §13.1.5.
    package private(set) var ifRange: String?
    /// RFC 9110 §14.2.
    package private(set) var range: String?
    /// RFC 9530 §4.
    package private(set) var wantReprDigest: String?
    /// What the client says that it is (RFC 9110 §10.1.5).
    package private(set) var userAgent: String?
    /// Who the request was forwarded for, as a proxy says; Envoy names itself there (`async_client_impl.cc`).
    package private(set) var forwardedFor: String?
    /// `x-request-id`, as Envoy sends it.
    package private(set) var requestID: String?
    /// W3C Trace Context, `traceparent`.
    package private(set) var traceparent: String?

    /// Which of this server's peers asks: `wasm-server-peer`, or `wasm-server-sibling` from a replica of an older version.
    ///
    /// Such a request is never passed on. Anyone can say so: it means more only where there are peers, and is a claim there.
    package private(set) var peer: String?

    /// Whether any field was sent that can make the answer to a `GET` differ from the whole representation.
    package private(set) var areConditional = false

    /// How many bytes their values have.
    var byteCount: Int {
        let values = [
            authority, ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince, ifRange, range, wantReprDigest,
            userAgent,
            forwardedFor, requestID, traceparent, peer,
        ]
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
    package mutating func add(name: some StringProtocol, value: @autoclosure () -> String) {
        switch name {
        case "if-match": addCondition(to: \.ifMatch, value())
        case "if-none-match": addCondition(to: \.ifNoneMatch, value())
        case "if-modified-since": addCondition(to: \.ifModifiedSince, value())
        case "if-unmodified-since": addCondition(to: \.ifUnmodifiedSince, value())
        case "if-range": addCondition(to: \.ifRange, value())
        case "range": addCondition(to: \.range, value())
        case "want-repr-digest": addCondition(to: \.wantReprDigest, value())
        case "user-agent": add(to: \.userAgent, value())
        case "x-forwarded-for": add(to: \.forwardedFor, value())
        case "x-request-id": add(to: \.requestID, value())
        case "traceparent": add(to: \.traceparent, value())
        case "wasm-server-peer", "wasm-server-sibling": add(to: \.peer, value())
        default: break
        }
    }

    private mutating func addCondition(to field: WritableKeyPath<Self, String?>, _ value: String) {
        areConditional = true
        add(to: field, value)
    }

    private mutating func add(to field: WritableKeyPath<Self, String?>, _ value: String) {
        self[keyPath: field] = self[keyPath: field].map { "\($0), \(value)" } ?? value
    }
}
