// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Which variant of a representation a request gets: proactive negotiation (RFC 9110 §12.1).
package enum ContentNegotiation {
    /// Chooses a variant by what a client prefers.
    ///
    /// | | field | a variant's weight by it |
    /// |-|-|-|
    /// | 1 | `Accept-Encoding` (§12.5.3) | that of its coding, else of `*`; what has no coding need not be named |
    /// | 2 | `Accept` (§12.5.1) | that of the most specific range that has its media type |
    /// | 3 | `Accept-Language` (§12.5.4) | that of the longest range that has its language (filtering, RFC 4647 §3.3.1), |
    /// | | | else the highest of a range that comes to it when it is shortened (lookup, §3.4), else that of `*` |
    ///
    /// A field counts only if the variants differ by what it is about. A field by which none of those that are left is acceptable
    /// is disregarded: nobody is refused. Of those that are left the one with the highest product of weights is chosen, and the
    /// first of equals.
    ///
    /// - Parameters:
    ///   - variants: All there are, the default first; at least one.
    ///   - fields: What the client says.
    /// - Returns: The index of the variant.
    package static func choice(among variants: [VariantProperties], by fields: NegotiationFields) -> Int {
        var candidates = Array(variants.indices)
        var products = variants.map { _ in 1 }
        for field in self.fields(distinguishing: variants) {
            let list = fields[field].map(PreferenceList.init)
            let weights = variants.map { $0.weight(by: field, in: list) }
            let acceptable = candidates.filter { weights[$0] > 0 }
            guard !acceptable.isEmpty else { continue }
            candidates = acceptable
            for index in candidates { products[index] *= weights[index] }
        }
        return candidates.reduce(candidates[0]) { products[$1] > products[$0] ? $1 : $0 }
    }

    /// The fields that a choice depends on: `Vary` names them, whatever is chosen (RFC 9110 §12.5.5).
    package static func fields(distinguishing variants: [VariantProperties]) -> [NegotiationFields.Name] {
        NegotiationFields.Name.allCases.filter { field in
            variants.contains { $0.property(for: field) != variants[0].property(for: field) }
        }
    }
}

/// The request fields by which a client says what it prefers.
///
/// They are kept as they were sent, and read only where there is a choice. A field that is sent on several lines is their list.
package struct NegotiationFields: Sendable {
    /// Such a field, with its name in lowercase, in the order in which they count.
    package enum Name: String, CaseIterable, Sendable {
        /// RFC 9110 §12.5.3.
        case acceptEncoding = "accept-encoding"
        /// RFC 9110 §12.5.1.
        case accept
        /// RFC 9110 §12.5.4.
        case acceptLanguage = "accept-language"
    }

    /// Empty where nobody asks for them, so that a request is no larger for it.
    private var lists: [(name: Name, value: String)] = []

    /// No fields.
    package init() {}

    /// Adds a field line.
    package mutating func add(_ name: Name, _ value: String) {
        if let index = lists.firstIndex(where: { $0.name == name }) {
            lists[index].value += ", \(value)"
        } else {
            lists.append((name, value))
        }
    }

    /// A field's value; nil if it was not sent.
    package subscript(_ name: Name) -> String? { lists.first { $0.name == name }?.value }
}

/// By what variants of one representation differ, as clients can prefer one to another.
package struct VariantProperties: Hashable, Sendable {
    /// The value of `Content-Type`.
    package let mediaType: String
    /// The value of `Content-Encoding`, in lowercase; nil for none.
    package let contentCoding: String?
    /// The value of `Content-Language`, one language tag; nil for none.
    package let contentLanguage: String?

    /// Properties; what is nil is not sent.
    package init(mediaType: String, contentCoding: String? = nil, contentLanguage: String? = nil) {
        (self.mediaType, self.contentCoding, self.contentLanguage) = (mediaType, contentCoding, contentLanguage)
    }

    /// What a field is about.
    fileprivate func property(for field: NegotiationFields.Name) -> String? {
        switch field {
        case .accept: mediaType
        case .acceptEncoding: contentCoding
        case .acceptLanguage: contentLanguage
        }
    }

    /// The weight that a field gives it, in thousandths; 0 if it is not acceptable by it.
    fileprivate func weight(by field: NegotiationFields.Name, in list: PreferenceList?) -> Int {
        switch field {
        case .accept: weight(inAccept: list)
        case .acceptEncoding: weight(inAcceptEncoding: list)
        case .acceptLanguage: weight(inAcceptLanguage: list)
        }
    }

    private static let full = PreferenceList.Member.fullWeight
    /// That of what a client does not name and accepts: any that it does name is better.
    private static let least = 1

    /// Without the field any coding is acceptable, but who asks for none gets none if that is to be had.
    private func weight(inAcceptEncoding list: PreferenceList?) -> Int {
        guard let list else { return contentCoding == nil ? Self.full : Self.least }
        let coding = contentCoding ?? "identity"
        // `x-gzip` and `x-compress` are other names of two codings (RFC 9110 §8.4.1.1, §8.4.1.3).
        let names = [coding, "x-\(coding)"]
        let weight = list.weight { member in
            guard member.parameters.isEmpty else { return nil }
            return names.contains(member.name) ? 1 : member.name == "*" ? 0 : nil
        }
        return weight ?? (contentCoding == nil ? Self.least : 0)
    }

    private func weight(inAccept list: PreferenceList?) -> Int {
        guard let list, !list.members.isEmpty, let own = PreferenceList.Member(mediaType[...]) else { return Self.full }
        let type = own.name.prefix { $0 != "/" }
        return list.weight { range in
            guard range.parameters.allSatisfy(own.parameters.contains) else { return nil }
            return switch range.name {
            case own.name: 2 + range.parameters.count
            case "\(type)/*": 1
            case "*/*": 0
            default: nil
            }
        } ?? 0
    }

    /// What has no language is for everyone (RFC 9110 §8.5), but what has the right one is better.
    private func weight(inAcceptLanguage list: PreferenceList?) -> Int {
        guard let list, !list.members.isEmpty else { return Self.full }
        guard let tag = contentLanguage?.lowercased() else { return Self.least }
        let filtered = list.weight { range in
            range.name == tag || tag.hasPrefix("\(range.name)-") ? range.name.utf8.count : nil
        }
        let lookedUp = list.members.filter { $0.name.hasPrefix("\(tag)-") && $0.weight > 0 }.map(\.weight).max()
        return filtered ?? lookedUp ?? list.weight { $0.name == "*" ? 0 : nil } ?? 0
    }
}
