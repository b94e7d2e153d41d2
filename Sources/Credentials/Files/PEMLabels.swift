// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What a PEM file holds, as far as its labels tell (RFC 7468 §2).
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
