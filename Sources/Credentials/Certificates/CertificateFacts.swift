// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import NIOSSL
internal import SwiftASN1

/// What a certificate says, for those who have to tell a person about it.
///
/// Nobody is let in by what stands here: BoringSSL verifies certificates, and what it has rejected is explained by this.
package struct CertificateFacts: Hashable, Sendable {
    /// Whom it is of.
    package let subject: DistinguishedName
    /// Who issued it.
    package let issuer: DistinguishedName
    /// The kind of its key.
    package let key: KeyKind
    /// From the first to the last second in which it is valid, since 1970; both count (RFC 5280 §4.1.2.5).
    package let validity: ClosedRange<Int64>
    /// Whether it is an authority's, by its basic constraints.
    package let isAuthority: Bool
    /// Whether it may issue others (RFC 5280 §6.1.4 (k) and (n)).
    ///
    /// An authority may by its basic constraints, unless its key usage forbids it; so may a root of version 1, which
    /// could not say so.
    package let maySignCertificates: Bool
    /// Whether it may be a server's, by its extended key usage.
    package let isForServers: Bool
    /// Whether it may be a client's, by its extended key usage.
    package let isForClients: Bool
    /// Whether it has subject alternative names, of whatever kind.
    package let hasAlternativeNames: Bool
    /// Whether it says where the certificate of its issuer can be had, as those of public intermediate authorities do.
    package let namesIssuersAddress: Bool
    /// Whether its signature is of SHA-1.
    package let isSignedWithSHA1: Bool

    private let usages: [ASN1ObjectIdentifier]?
    private let subjectKey: [UInt8]?
    private let issuerKey: [UInt8]?

    /// Reads a certificate; fails if it is not built as RFC 5280 has it.
    package init(_ certificate: NIOSSLCertificate) throws {
        let first = Int64(certificate.notValidBefore)
        let validity = first...max(first, Int64(certificate.notValidAfter))
        try self.init(derEncoded: try certificate.toDERBytes(), validity: validity)
    }

    /// Reads a certificate in DER that is valid from the first to the last of these seconds since 1970; fails if it is
    /// not built as RFC 5280 has it.
    package init(derEncoded bytes: [UInt8], validity: ClosedRange<Int64>) throws {
        self.validity = validity
        let fields = try Fields(derEncoded: bytes)
        (subject, issuer, key, isSignedWithSHA1) = (fields.subject, fields.issuer, fields.key, fields.isSignedWithSHA1)
        let extensions = fields.extensions
        isAuthority = extensions.isAuthority
        let isRootOfVersion1 = fields.isVersion1 && fields.subject == fields.issuer
        maySignCertificates = isRootOfVersion1 || extensions.isAuthority && extensions.permitsSigning
        usages = extensions.usages
        hasAlternativeNames = extensions.hasAlternativeNames
        namesIssuersAddress = extensions.namesIssuersAddress
        (subjectKey, issuerKey) = (extensions.subjectKey, extensions.issuerKey)
        isForServers = Self.allows([1, 3, 6, 1, 5, 5, 7, 3, 1], extensions.usages)
        isForClients = Self.allows([1, 3, 6, 1, 5, 5, 7, 3, 2], extensions.usages)
    }

    /// Whether its issuer has the name of its subject, as it is with roots.
    package var isSelfIssued: Bool { subject == issuer }

    /// Whether its extended key usage lets it vouch for the certificates of a role: an authority's confines those that
    /// it issues, as OpenSSL and Go have it.
    func mayVouch(for role: CertificateObjection.Role) -> Bool {
        guard !(role == .client ? isForClients : isForServers) else { return true }
        return usages?.contains([2, 5, 29, 37, 0]) ?? true
    }

    /// Whether another certificate may be of its issuer, by the name and by the identifiers of the keys (RFC 5280 §4.2.1.1).
    package func mayBeIssued(by authority: CertificateFacts) -> Bool {
        guard issuer == authority.subject else { return false }
        guard let issuerKey, let authorityKey = authority.subjectKey else { return true }
        return issuerKey == authorityKey
    }

    /// RFC 5280 §4.2.1.12: without any usage it is for all, and so it is with `anyExtendedKeyUsage`.
    ///
    /// BoringSSL and with it Envoy do not take the latter for servers and clients of TLS.
    private static func allows(_ usage: ASN1ObjectIdentifier, _ usages: [ASN1ObjectIdentifier]?) -> Bool {
        usages?.contains(usage) ?? true
    }

    /// The fields of a certificate (RFC 5280 §4.1).
    private struct Fields {
        let subject: DistinguishedName
        let issuer: DistinguishedName
        let key: KeyKind
        let isSignedWithSHA1: Bool
        let extensions: CertificateExtensions
        let isVersion1: Bool

        init(derEncoded bytes: [UInt8]) throws {
            self = try DER.sequence(try DER.parse(bytes), identifier: .sequence) { parts in
                let content = try parts.required()
                while parts.next() != nil {}
                return try DER.sequence(content, identifier: .sequence) { try Fields(&$0) }
            }
        }

        private init(_ parts: inout ASN1NodeCollection.Iterator) throws {
            let version = try DER.optionalExplicitlyTagged(&parts, tagNumber: 0, tagClass: .contextSpecific) {
                try Int(derEncoded: $0)
            }
            isVersion1 = (version ?? 0) == 0
            _ = try parts.required()
            isSignedWithSHA1 = try Self.isSHA1(try parts.required())
            issuer = try DistinguishedName(try parts.required())
            _ = try parts.required()
            subject = try DistinguishedName(try parts.required())
            key = try KeyKind(subjectPublicKeyInfo: try parts.required())
            var extensions = CertificateExtensions()
            while let part = parts.next() {
                guard part.identifier == .init(tagWithNumber: 3, tagClass: .contextSpecific) else { continue }
                extensions = try DER.explicitlyTagged(part, tagNumber: 3, tagClass: .contextSpecific) {
                    try CertificateExtensions($0)
                }
            }
            self.extensions = extensions
        }

        /// The algorithms of RFC 3279 §2.2 with SHA-1.
        private static func isSHA1(_ algorithm: ASN1Node) throws -> Bool {
            try DER.sequence(algorithm, identifier: .sequence) { parts in
                let identifier = try ASN1ObjectIdentifier(derEncoded: &parts)
                while parts.next() != nil {}
                return [[1, 2, 840, 113_549, 1, 1, 5], [1, 2, 840, 10_045, 4, 1]].contains(identifier)
            }
        }
    }
}

/// Why nothing can be said of a certificate.
package enum CertificateError: Error, Hashable, Sendable {
    /// It is not built as RFC 5280 has it.
    case unreadable
}
