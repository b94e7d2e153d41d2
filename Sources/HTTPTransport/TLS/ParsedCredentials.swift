// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import Credentials
internal import HTTPSemantics
internal import NIOSSL

/// The certificates and the key of a listener, each in order by itself; whether they fit is not known yet.
///
/// 1. There is a certificate chain that can be read, and its first certificate is valid now.
/// 2. There is a key that can be read without a passphrase.
/// 3. If client certificates are demanded, there is an authority that can vouch for them now, be it a root or not; and so for
///    peers, if theirs are named.
///
/// An intermediate certificate that has expired is no error: some are sent for the sake of old clients.
struct ParsedCredentials {
    let files: TLSFiles
    let chain: [NIOSSLCertificate]
    let key: NIOSSLPrivateKey
    let clientAuthorities: [NIOSSLCertificate]?
    let peerAuthorities: [NIOSSLCertificate]?

    /// Parses and judges what the files hold.
    ///
    /// - Parameters:
    ///   - material: What the files hold.
    ///   - now: The present, in seconds since 1970.
    /// - Throws: ``TLSError``, with the file, the reason and the remedy.
    init(_ material: TLSMaterial, at now: Int64) throws(TLSError) {
        files = material.files
        chain = try Self.certificates(material.certificateChain, of: files.certificateChain)
        if let leaf = chain.first { try Self.checkDates(of: leaf, in: files.certificateChain, at: now) }
        key = try Self.key(material.privateKey, of: files.privateKey)
        clientAuthorities = try Self.authorities(
            material.clientAuthorities,
            "clients",
            .client,
            files.clientAuthorities,
            at: now
        )
        peerAuthorities = try Self.authorities(
            material.peerAuthorities,
            "peers",
            .server,
            files.peerAuthorities,
            at: now
        )
    }

    private static func authorities(
        _ bytes: [UInt8]?,
        _ owners: String,
        _ role: CertificateObjection.Role,
        _ file: String?,
        at now: Int64
    ) throws(TLSError) -> [NIOSSLCertificate]? {
        guard let bytes, let file else { return nil }
        let certificates = try certificates(bytes, of: file)
        let anchors = TrustAnchors(certificates, for: role, at: now)
        guard anchors.canVouch else { throw TLSError(noneCanVouch: anchors, of: owners, in: file) }
        guard !anchors.certificates.isEmpty else {
            throw TLSError(
                file: file,
                reason: "none of its authorities is valid now",
                remedy: "put the current certificates of the \(owners)' authorities there"
            )
        }
        return certificates
    }

    private static func certificates(_ bytes: [UInt8], of file: String) throws(TLSError) -> [NIOSSLCertificate] {
        let labels = PEMLabels(bytes)
        // The parser may not be given nothing.
        guard labels.certificateCount > 0 else {
            throw TLSError(
                file: file,
                reason: bytes.isEmpty ? "is empty" : "has no PEM certificate",
                remedy: labels.looksLikeDER
                    ? "convert it: openssl x509 -inform der"
                    : "put certificates there, each between BEGIN CERTIFICATE and END CERTIFICATE"
            )
        }
        let certificates = (try? NIOSSLCertificate.fromPEMBytes(bytes)) ?? []
        guard certificates.count == labels.certificateCount else {
            throw TLSError(
                file: file,
                reason: "has a certificate that cannot be read",
                remedy: "check each of its certificates: openssl x509 -noout -text"
            )
        }
        return certificates
    }

    private static func checkDates(of leaf: NIOSSLCertificate, in file: String, at now: Int64) throws(TLSError) {
        let validity = leaf.validity
        if now > validity.upperBound {
            throw TLSError(
                file: file,
                reason: "the certificate expired at \(HTTPDate(seconds: validity.upperBound))",
                remedy: "renew it"
            )
        }
        if now < validity.lowerBound {
            throw TLSError(
                file: file,
                reason: "the certificate is not valid before \(HTTPDate(seconds: validity.lowerBound))",
                remedy: "check the clock of this machine and of the authority"
            )
        }
    }

    private static func key(_ bytes: [UInt8], of file: String) throws(TLSError) -> NIOSSLPrivateKey {
        let labels = PEMLabels(bytes)
        guard labels.hasPrivateKey else {
            throw TLSError(
                file: file,
                reason: bytes.isEmpty ? "is empty" : "has no PEM private key",
                remedy: labels.looksLikeDER
                    ? "convert it: openssl pkey -inform der"
                    : "put the key there, between BEGIN PRIVATE KEY and END PRIVATE KEY"
            )
        }
        guard !labels.hasEncryptedKey else {
            throw TLSError(
                file: file,
                reason: "the key is encrypted, and nobody is there to give a passphrase",
                remedy: "decrypt it (openssl pkey), and protect the file by its permissions"
            )
        }
        guard let key = try? NIOSSLPrivateKey(bytes: bytes, format: .pem) else {
            throw TLSError(
                file: file,
                reason: "the key cannot be read",
                remedy: "check it (openssl pkey -noout); it may be RSA, EC on P-256, P-384 or P-521, or Ed25519"
            )
        }
        return key
    }
}

extension NIOSSLCertificate {
    /// From the first to the last second in which it is valid, since 1970; both count (RFC 5280 §4.1.2.5).
    fileprivate var validity: ClosedRange<Int64> {
        let first = Int64(notValidBefore)
        return first...max(first, Int64(notValidAfter))
    }
}
