// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import NIOSSL

extension PEMFile {
    /// The certificates that a file holds, in their order; an error if there is none, or one that cannot be read.
    package static func certificates(in bytes: [UInt8], of file: String) throws(TLSError) -> [NIOSSLCertificate] {
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

    /// The private key that a file holds; an error if there is none, or none that can be read without a passphrase.
    static func key(in bytes: [UInt8], of file: String) throws(TLSError) -> NIOSSLPrivateKey {
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

/// What a PEM file holds by its labels (RFC 7468 §2).
struct PEMLabels {
    /// How many certificates.
    let certificateCount: Int
    /// Whether there is a private key, encrypted or not.
    let hasPrivateKey: Bool
    /// Whether there is a private key that a passphrase is needed for: PKCS #8 says so in the label (RFC 7468 §11),
    /// the older forms in a header (RFC 1421 §4.6.1.1).
    let hasEncryptedKey: Bool
    /// Whether it is no PEM but bare DER, which begins with a SEQUENCE.
    let looksLikeDER: Bool

    /// Looks for labels; the bytes may be anything.
    init(_ bytes: [UInt8]) {
        var certificates = 0
        var hasKey = false
        var isEncrypted = false
        for line in bytes.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
            if line.starts(with: "-----BEGIN ".utf8) {
                let label = String(decoding: line, as: UTF8.self)
                if label.hasPrefix("-----BEGIN CERTIFICATE-----") { certificates += 1 }
                if label.hasPrefix("-----BEGIN ENCRYPTED PRIVATE KEY-----") { isEncrypted = true }
                if label.contains("PRIVATE KEY-----") { hasKey = true }
            } else if line.starts(with: "Proc-Type: 4,ENCRYPTED".utf8) {
                isEncrypted = true
            }
        }
        certificateCount = certificates
        hasPrivateKey = hasKey
        hasEncryptedKey = isEncrypted
        looksLikeDER = certificates == 0 && !hasKey && bytes.first == 0x30
    }
}
