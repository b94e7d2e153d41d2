// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import SwiftASN1

/// What a certificate's extensions say that is asked here (RFC 5280 §4.2).
struct CertificateExtensions {
    /// Whether its key may sign certificates: `CA:TRUE`.
    private(set) var isAuthority = false
    /// Whether its key may sign certificates by its key usage, which does not forbid what it does not say (RFC 5280 §4.2.1.3).
    private(set) var permitsSigning = true
    /// What it may be used for; nil for anything.
    private(set) var usages: [ASN1ObjectIdentifier]?
    /// Whether it has alternative names.
    private(set) var hasAlternativeNames = false
    /// Whether it says where the certificate of its issuer can be had.
    private(set) var namesIssuersAddress = false
    /// The identifier of its key.
    private(set) var subjectKey: [UInt8]?
    /// The identifier of its issuer's key.
    private(set) var issuerKey: [UInt8]?

    /// The extensions of a certificate that has none.
    init() {}

    init(_ node: ASN1Node) throws {
        let extensions = try DER.sequence(of: Extension.self, identifier: .sequence, rootNode: node)
        for one in extensions {
            switch one.identifier {
            case [2, 5, 29, 14]: subjectKey = try Array(ASN1OctetString(derEncoded: one.content).bytes)
            case [2, 5, 29, 15]: permitsSigning = try Self.permitsSigning(one.content)
            case [2, 5, 29, 17]: hasAlternativeNames = true
            case [2, 5, 29, 19]: isAuthority = try Self.isAuthority(one.content)
            case [2, 5, 29, 35]: issuerKey = try Self.issuerKey(one.content)
            case [2, 5, 29, 37]:
                usages = try DER.sequence(of: ASN1ObjectIdentifier.self, identifier: .sequence, rootNode: one.content)
            case [1, 3, 6, 1, 5, 5, 7, 1, 1]: namesIssuersAddress = try Self.namesIssuersAddress(one.content)
            default: break
            }
        }
    }

    /// KeyUsage, of which keyCertSign is the sixth bit.
    private static func permitsSigning(_ content: ASN1Node) throws -> Bool {
        try ASN1BitString(derEncoded: content).bytes.first.map { $0 & 0x04 != 0 } ?? false
    }

    /// BasicConstraints (RFC 5280 §4.2.1.9).
    private static func isAuthority(_ content: ASN1Node) throws -> Bool {
        try DER.sequence(content, identifier: .sequence) { parts in
            let isAuthority = try parts.optionalBoolean()
            while parts.next() != nil {}
            return isAuthority
        }
    }

    /// AuthorityKeyIdentifier (RFC 5280 §4.2.1.1).
    private static func issuerKey(_ content: ASN1Node) throws -> [UInt8]? {
        try DER.sequence(content, identifier: .sequence) { parts in
            let key = try DER.optionalImplicitlyTagged(&parts, tagNumber: 0, tagClass: .contextSpecific) {
                try ASN1OctetString(derEncoded: $0, withIdentifier: $0.identifier)
            }
            while parts.next() != nil {}
            return key.map { Array($0.bytes) }
        }
    }

    /// AuthorityInfoAccess with an access method of id-ad-caIssuers (RFC 5280 §4.2.2.1).
    private static func namesIssuersAddress(_ content: ASN1Node) throws -> Bool {
        try DER.sequence(content, identifier: .sequence) { parts in
            var isNamed = false
            while let part = parts.next() {
                let method = try DER.sequence(part, identifier: .sequence) { parts in
                    let method = try ASN1ObjectIdentifier(derEncoded: &parts)
                    while parts.next() != nil {}
                    return method
                }
                isNamed = isNamed || method == [1, 3, 6, 1, 5, 5, 7, 48, 2]
            }
            return isNamed
        }
    }

    /// One of them (RFC 5280 §4.1).
    private struct Extension: DERParseable {
        let identifier: ASN1ObjectIdentifier
        private let value: ArraySlice<UInt8>

        init(derEncoded node: ASN1Node) throws {
            (identifier, value) = try DER.sequence(node, identifier: .sequence) { parts in
                let identifier = try ASN1ObjectIdentifier(derEncoded: &parts)
                // Whether it is critical is BoringSSL's to care about.
                _ = try parts.optionalBoolean()
                return (identifier, try ASN1OctetString(derEncoded: &parts).bytes)
            }
        }

        /// What it holds.
        var content: ASN1Node { get throws { try DER.parse(value) } }
    }
}

extension ASN1NodeCollection.Iterator {
    /// The next part if it is a boolean, and else false, which DER would leave out and some authorities write.
    fileprivate mutating func optionalBoolean() throws -> Bool {
        var rest = self
        guard let node = rest.next(), node.identifier == .boolean else { return false }
        self = rest
        return try Bool(derEncoded: node)
    }
}
