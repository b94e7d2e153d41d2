// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
package import HTTPSemantics

/// The request fields that matter here; every other field is dropped as it is read.
///
/// A field that is sent on several lines is their list, joined by commas (RFC 9110 §5.3).
package struct RequestFields: Sendable {
    /// Whom the client asks: the target's authority if it has one, else `Host`; `:authority` of HTTP/2 (RFC 9110 §7.2).
    package private(set) var authority: String?
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
    /// What the answer depends on besides; nil in most requests, which take no memory for it.
    private var choice: FieldsOfChoice?

    /// Those by which the answer can differ from the whole representation.
    package var conditions: ConditionalFields { choice?.value.conditions ?? ConditionalFields() }
    /// Those by which a variant of the representation is chosen; none unless the service has such representations.
    package var negotiation: NegotiationFields { choice?.value.negotiation ?? NegotiationFields() }
    /// Whether there are any ``conditions``.
    var hasConditions: Bool { choice.map { !$0.value.conditions.isEmpty } ?? false }

    /// Whether they are what is kept for the log anyway: no text is longer than `longest` bytes, and the answer depends on none of them.
    func areExcerpt(upTo longest: Int) -> Bool {
        choice == nil && authority.isShort(longest) && userAgent.isShort(longest) && forwardedFor.isShort(longest)
            && requestID.isShort(longest) && traceparent.isShort(longest) && own.isShort(longest)
    }

    /// What is kept of them for metrics and logs: of each text the beginning that `shorten` gives; of the proxies' list the end that
    /// `shortenList` gives, as those who are known stand there.
    func excerpt(_ shorten: (String) -> String, _ shortenList: (String) -> String) -> RequestFields {
        var excerpt = RequestFields()
        excerpt.userAgent = userAgent.map(shorten)
        excerpt.forwardedFor = forwardedFor.map(shortenList)
        excerpt.requestID = requestID.map(shorten)
        excerpt.traceparent = traceparent.map(shorten)
        excerpt.own = own.map(shorten)
        return excerpt
    }

    /// How many bytes their values have.
    var byteCount: Int {
        let (conditions, negotiation) = (conditions, negotiation)
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
        guard let field = FieldOfInterest(Array(name.utf8).span, in: selection) else { return }
        add(field, value())
    }

    /// Takes a field line in, if it is one that matters: only then its value becomes a text, in which what is not UTF-8 is replaced.
    ///
    /// - Parameters:
    ///   - name: The field's name, in any case (RFC 9110 §5.1).
    ///   - value: The field's value, without white space around it.
    ///   - selection: Which fields are read besides those that every service reads.
    ///   - texts: Those that requests share.
    package mutating func add(
        name: Span<UInt8>,
        value: Span<UInt8>,
        reading selection: FieldSelection,
        sharing texts: RecentTexts
    ) {
        switch FieldOfInterest(name, in: selection) {
        case .userAgent?: userAgent.append(line: texts.userAgent.text(of: value))
        case let field?:
            add(field, unsafe value.withUnsafeBufferPointer { value in unsafe String(decoding: value, as: UTF8.self) })
        case nil: break
        }
    }

    private mutating func add(_ field: FieldOfInterest, _ value: String) {
        switch field {
        case .condition(let name): choose { $0.conditions.add(name, value) }
        case .negotiation(let name): choose { $0.negotiation.add(name, value) }
        case .userAgent: userAgent.append(line: value)
        case .forwardedFor: forwardedFor.append(line: value)
        case .requestID: requestID.append(line: value)
        case .traceparent: traceparent.append(line: value)
        case .own: own.append(line: value)
        }
    }

    private mutating func choose(_ change: (inout FieldsOfChoice.Value) -> Void) {
        var value = choice?.value ?? FieldsOfChoice.Value()
        change(&value)
        choice = FieldsOfChoice(value)
    }
}

extension String? {
    /// Whether there are at most so many bytes of it.
    func isShort(_ longest: Int) -> Bool {
        guard let self else { return true }
        return self.utf8.count <= longest
    }
}

/// The fields by which a client gets something else than the whole of the usual representation.
private final class FieldsOfChoice: Sendable {
    struct Value {
        var conditions = ConditionalFields()
        var negotiation = NegotiationFields()
    }

    let value: Value

    init(_ value: Value) {
        self.value = value
    }
}

/// A request field that matters.
private enum FieldOfInterest {
    case condition(ConditionalFields.Name)
    case negotiation(NegotiationFields.Name)
    case userAgent
    case forwardedFor
    case requestID
    case traceparent
    case own

    /// The field of a name in any case, told by its length first; nil if it does not matter.
    init?(_ name: Span<UInt8>, in selection: FieldSelection) {
        switch name.count {
        case 5 where name.isEqual(ignoringCase: "range"): self = .condition(.range)
        case 8 where name.isEqual(ignoringCase: "if-match"): self = .condition(.ifMatch)
        case 8 where name.isEqual(ignoringCase: "if-range"): self = .condition(.ifRange)
        case 10 where name.isEqual(ignoringCase: "user-agent"): self = .userAgent
        case 11 where name.isEqual(ignoringCase: "traceparent"): self = .traceparent
        case 12 where name.isEqual(ignoringCase: "x-request-id"): self = .requestID
        case 13 where name.isEqual(ignoringCase: "if-none-match"): self = .condition(.ifNoneMatch)
        case 15 where name.isEqual(ignoringCase: "x-forwarded-for"): self = .forwardedFor
        case 16 where name.isEqual(ignoringCase: "want-repr-digest"): self = .condition(.wantReprDigest)
        case 17 where name.isEqual(ignoringCase: "if-modified-since"): self = .condition(.ifModifiedSince)
        case 19 where name.isEqual(ignoringCase: "if-unmodified-since"): self = .condition(.ifUnmodifiedSince)
        default:
            if selection.own.contains(where: { name.isEqual(ignoringCaseOf: $0) }) {
                self = .own
            } else if selection.hasNegotiation,
                let field = NegotiationFields.Name.allCases.first(where: { name.isEqual(ignoringCaseOf: $0.rawValue) })
            {
                self = .negotiation(field)
            } else {
                return nil
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
