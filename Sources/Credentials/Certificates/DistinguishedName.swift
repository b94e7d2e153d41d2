// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import SwiftASN1

/// Who a certificate is of, or who issued it (RFC 5280 §4.1.2.4).
package struct DistinguishedName: Hashable, Sendable, CustomStringConvertible {
    /// The name as people write it (RFC 4514), of printable characters and bounded length; `(nobody)` without any part.
    package let description: String
    /// What is compared: the way in which an authority encodes its own name may change, what it says may not.
    private let compared: [String]

    /// The longest name that a log needs, in bytes.
    private static let maximumLength = 256

    init(_ node: ASN1Node) throws {
        let relative = try DER.sequence(node, identifier: .sequence) { parts in
            var names: [[(type: ASN1ObjectIdentifier, value: String)]] = []
            while let part = parts.next() { names.append(try Self.attributes(of: part)) }
            return names
        }
        compared = relative.map { attributes in
            attributes.map { "\($0.type)=\(Self.folded($0.value))" }.sorted().joined(separator: "+")
        }
        // RFC 4514 §2.1: the last comes first.
        let text = relative.reversed().map { attributes in
            attributes.map { "\(Self.label(of: $0.type))=\(Self.escaped($0.value))" }.joined(separator: "+")
        }
        description = relative.isEmpty ? "(nobody)" : Self.bounded(text.joined(separator: ","))
    }

    /// Whether they say the same.
    package static func == (one: Self, other: Self) -> Bool { one.compared == other.compared }

    /// Hashes what is compared.
    package func hash(into hasher: inout Hasher) { hasher.combine(compared) }

    private static func attributes(of node: ASN1Node) throws -> [(type: ASN1ObjectIdentifier, value: String)] {
        try DER.set(node, identifier: .set) { parts in
            var attributes: [(type: ASN1ObjectIdentifier, value: String)] = []
            while let part = parts.next() {
                let attribute = try DER.sequence(part, identifier: .sequence) { parts in
                    (type: try ASN1ObjectIdentifier(derEncoded: &parts), value: text(of: try parts.required()))
                }
                attributes.append(attribute)
            }
            return attributes
        }
    }

    /// The text of a value: every type of string but two holds UTF-8 or a part of it.
    private static func text(of node: ASN1Node) -> String {
        guard case .primitive(let bytes) = node.content else { return "?" }
        return switch node.identifier {
        case .bmpString: String(decoding: pairs(of: bytes), as: UTF16.self)
        case .universalString: "?"
        default: String(decoding: bytes, as: UTF8.self)
        }
    }

    private static func pairs(of bytes: ArraySlice<UInt8>) -> [UInt16] {
        stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2).map { index in
            UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1])
        }
    }

    /// Without regard to case and to runs of spaces (RFC 5280 §7.1).
    private static func folded(_ value: String) -> String {
        value.lowercased().split(separator: " ").joined(separator: " ")
    }

    /// RFC 4514 §2.4, and nothing that a terminal would obey.
    private static func escaped(_ value: String) -> String {
        var text = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case ",", "+", "\"", "\\", "<", ">", ";", "=": text += "\\\(scalar)"
            case _ where scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value): text += "?"
            default: text.unicodeScalars.append(scalar.properties.generalCategory == .format ? "?" : scalar)
            }
        }
        return text
    }

    private static func bounded(_ text: String) -> String {
        guard text.utf8.count > maximumLength else { return text }
        var short = text.prefix(maximumLength)
        while short.utf8.count > maximumLength { short.removeLast() }
        return "\(short)..."
    }

    /// The short names of RFC 4514 §3, and that of mail addresses.
    private static func label(of type: ASN1ObjectIdentifier) -> String {
        switch type {
        case .NameAttributes.commonName: "CN"
        case .NameAttributes.localityName: "L"
        case .NameAttributes.stateOrProvinceName: "ST"
        case .NameAttributes.organizationName: "O"
        case .NameAttributes.organizationalUnitName: "OU"
        case .NameAttributes.countryName: "C"
        case .NameAttributes.serialNumber: "serialNumber"
        case [2, 5, 4, 9]: "STREET"
        case [0, 9, 2342, 19_200_300, 100, 1, 25]: "DC"
        case [0, 9, 2342, 19_200_300, 100, 1, 1]: "UID"
        case [1, 2, 840, 113_549, 1, 9, 1]: "emailAddress"
        default: "\(type)"
        }
    }
}
