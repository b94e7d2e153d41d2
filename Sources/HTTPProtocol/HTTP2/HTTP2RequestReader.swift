// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HPACK
internal import HTTPSemantics
internal import HTTPService

/// Makes a request of a header list (RFC 9113 §8.3), and makes texts only of what is kept of it.
///
/// `:scheme` says nothing here: Envoy sends `http` over TLS too (envoyproxy/envoy#29824).
struct HTTP2RequestReader: HeaderFieldVisitor, ~Copyable {
    private struct PseudoFields: OptionSet {
        let rawValue: UInt8

        static let method = PseudoFields(rawValue: 1)
        static let scheme = PseudoFields(rawValue: 2)
        static let path = PseudoFields(rawValue: 4)
        static let authority = PseudoFields(rawValue: 8)
    }

    private let limits: HeadLimits
    private let selection: FieldSelection
    private let texts: RecentTexts
    private var method = Method.other("")
    private var path = ""
    private var query: String?
    private var fields = RequestFields()
    /// How long the content is that follows, in bytes, if it says so.
    private(set) var contentLength: Int?
    private var fault: MalformedRequest?
    private var pseudoFields: PseudoFields = []
    private var isBehindPseudoFields = false
    private var hasInvalidAuthority = false
    /// How long the path is, in bytes.
    private var pathLength = 0
    /// How many fields there are, of what size together (RFC 9113 §6.5.2), and how long the longest is but the path, in bytes.
    private var (count, size, longest) = (0, 0, 0)

    /// What a field counts besides its bytes (RFC 9113 §6.5.2).
    private static let overhead = 32

    /// A reader of one list.
    init(limits: HeadLimits, reading selection: FieldSelection, sharing texts: RecentTexts) {
        (self.limits, self.selection, self.texts) = (limits, selection, texts)
    }

    // MARK: Fields

    mutating func field(name: Span<UInt8>, value: Span<UInt8>) {
        count += 1
        size += name.count + value.count + Self.overhead
        guard fault == nil else { return }
        if !name.isEmpty, name[0] == UInt8(ascii: ":") {
            addPseudoField(name, value)
        } else {
            longest = max(longest, name.count + value.count)
            isBehindPseudoFields = true
            // A few bytes can stand for megabytes (RFC 9113 §10.5.1): beyond the limits, fields are only counted.
            if isWithinLimits { add(name, value) }
        }
    }

    /// Whether the list is not too large so far: of one that is, nothing more is kept.
    private var isWithinLimits: Bool {
        count <= limits.fieldCount && size <= limits.block && longest <= limits.fieldLine
    }

    private mutating func addPseudoField(_ name: Span<UInt8>, _ value: Span<UInt8>) {
        guard !isBehindPseudoFields else {
            fault = .latePseudoField(HTTP2FieldRules.text(name))
            return
        }
        switch name.count {
        case 5 where name.isEqual(to: ":path"):
            note(.path, name, value)
            setPath(value)
        case 7 where name.isEqual(to: ":method"):
            note(.method, name, value)
            setMethod(value)
        case 7 where name.isEqual(to: ":scheme"):
            note(.scheme, name, value)
        case 10 where name.isEqual(to: ":authority"):
            note(.authority, name, value)
            setAuthority(value)
        default:
            fault = .unknownPseudoField(HTTP2FieldRules.text(name))
        }
    }

    private mutating func note(_ field: PseudoFields, _ name: Span<UInt8>, _ value: Span<UInt8>) {
        if pseudoFields.contains(field) {
            fault = .repeatedPseudoField(String(text: name))
        } else if !HTTP2FieldRules.isValue(value) {
            fault = .fieldValue(String(text: name))
        }
        pseudoFields.insert(field)
    }

    private mutating func setMethod(_ value: Span<UInt8>) {
        guard !value.isEqual(to: "GET") else {
            method = .get
            return
        }
        let isToken = !value.isEmpty && value.indices.allSatisfy { value[$0].isTokenCharacter }
        guard isToken else {
            fault = fault ?? .fieldValue(":method")
            return
        }
        method = Method(value)
    }

    private mutating func setPath(_ value: Span<UInt8>) {
        pathLength = value.count
        guard !value.isEmpty else {
            fault = fault ?? .emptyPath
            return
        }
        guard pathLength <= limits.requestLine else { return }
        let mark = value.firstIndex(of: UInt8(ascii: "?"), in: 0..<value.count)
        path = texts.path.text(of: value.extracting(..<(mark ?? value.count)))
        query = mark.map { String(text: value.extracting(($0 + 1)...)) }
    }

    /// Takes in whom the client asks; only the first counts (RFC 9113 §8.3.1).
    private mutating func setAuthority(_ value: Span<UInt8>) {
        longest = max(longest, value.count)
        guard fields.authority == nil, isWithinLimits else { return }
        if let known = texts.authority.text(ifEqualTo: value) { return fields.add(authority: known) }
        hasInvalidAuthority = !value.isEmpty && !AuthoritySyntax.isValid(value)
        fields.add(authority: hasInvalidAuthority ? String(text: value) : texts.authority.text(of: value))
    }

    private mutating func add(_ name: Span<UInt8>, _ value: Span<UInt8>) {
        fault = HTTP2FieldRules.fault(name: name, value: value)
        guard fault == nil else { return }
        if name.count == 14, name.isEqual(to: "content-length") {
            guard let length = Int(digits: value), contentLength == nil || contentLength == length else {
                fault = .contentLengthValue
                return
            }
            contentLength = length
        } else if name.count == 4, name.isEqual(to: "host") {
            setAuthority(value)
        } else {
            fields.add(name: name, value: value, reading: selection, sharing: texts)
        }
    }

    // MARK: The request

    /// What makes the list malformed, now that it has been read; `endsStream` says whether no content follows.
    func fault(endsStream: Bool) -> MalformedRequest? {
        if let fault { return fault }
        // RFC 9113 §8.5: CONNECT has neither a scheme nor a path.
        let isComplete =
            method.asksForTunnel
            ? pseudoFields == [.method, .authority] : pseudoFields.isSuperset(of: [.method, .scheme, .path])
        guard isComplete else { return .pseudoFields }
        return endsStream && (contentLength ?? 0) > 0 ? .contentLength : nil
    }

    /// The request, if the list is not malformed.
    consuming func request() -> Request { Request(method: method, path: path, query: query, fields: fields) }

    /// The answer to a list that is beyond the limits, or whose authority names no host (RFC 9113 §8.3.1); nil if it is neither.
    var refusal: Response? {
        guard pathLength <= limits.requestLine else {
            return .problem(.uriTooLong, detail: "The path has more than \(limits.requestLine) bytes.")
        }
        guard count <= limits.fieldCount, longest <= limits.fieldLine else {
            return .problem(
                .requestHeaderFieldsTooLarge,
                detail:
                    "The head has more than \(limits.fieldCount) fields, or one of more than \(limits.fieldLine) bytes."
            )
        }
        guard size <= limits.block else {
            return .problem(
                .requestHeaderFieldsTooLarge,
                detail: "The fields of the head count more than \(limits.block) bytes, with 32 for each."
            )
        }
        guard !hasInvalidAuthority else {
            return .problem(.badRequest, detail: "The authority is not a host and at most a port.")
        }
        return nil
    }
}

/// Checks trailers, of which nothing is kept (RFC 9113 §8.1), as far as they are no larger than a head may be.
struct HTTP2TrailerReader: HeaderFieldVisitor {
    /// What is wrong with them; nil if nothing is.
    private(set) var fault: MalformedRequest?
    /// How many bytes are still looked at.
    private var left: Int

    /// A reader of one list, which looks at so many bytes.
    init(limit: Int) {
        left = limit
    }

    mutating func field(name: Span<UInt8>, value: Span<UInt8>) {
        left -= name.count + value.count
        guard fault == nil, left >= 0 else { return }
        if !name.isEmpty, name[0] == UInt8(ascii: ":") {
            fault = .latePseudoField(HTTP2FieldRules.text(name))
        } else {
            fault = HTTP2FieldRules.fault(name: name, value: value)
        }
    }
}
