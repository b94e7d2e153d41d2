// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import NIOSSL

/// A kind of client, by what it offers in a TLS handshake: that decides which certificates it can take.
package enum TLSClient: Hashable, Sendable {
    /// One that offers all that this program knows.
    case anyone
    /// Envoy, as it is without `tls_params` (1.36.2 and 1.40.0 offer the same).
    case envoy
    /// Envoy with the `tls_params` that `config` prints for a key of this kind: TLS 1.3 as well, and for some kinds their
    /// signatures.
    case envoyConfigured(for: KeyKind)
    /// Go's `crypto/tls`, which istio-agent and Envoy Gateway's controller use (1.27).
    case go

    /// Sets a configuration to offer what the client does.
    package func configure(_ configuration: inout TLSConfiguration) {
        configuration.minimumTLSVersion = .tlsv12
        switch self {
        case .anyone: configuration.verifySignatureAlgorithms = .all
        case .envoy:
            configuration.maximumTLSVersion = .tlsv12
            Self.configureAsEnvoy(&configuration, signatures: [])
        case .envoyConfigured(let key):
            configuration.maximumTLSVersion = .tlsv13
            let signatures: [SignatureAlgorithm] = [.ecdsaSecp521R1Sha512, .ed25519]
            Self.configureAsEnvoy(&configuration, signatures: key.needsSignaturesOfItsOwn ? signatures : [])
        case .go:
            configuration.curves = [.x25519_MLKEM768, .x25519, .secp256r1, .secp384r1, .secp521r1]
            configuration.cipherSuiteValues = Self.goSuites
            configuration.verifySignatureAlgorithms = Self.goSignatures
        }
    }

    private static func configureAsEnvoy(_ configuration: inout TLSConfiguration, signatures: [SignatureAlgorithm]) {
        configuration.curves = [.x25519, .secp256r1]
        configuration.cipherSuiteValues = envoySuites
        configuration.verifySignatureAlgorithms = .ofBoringSSL + signatures
    }

    private static let envoySuites: [NIOTLSCipher] = [
        .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    ]

    private static let goSuites: [NIOTLSCipher] = [
        .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        .TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, .TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
        .TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, .TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
    ]

    private static let goSignatures: [SignatureAlgorithm] = [
        .rsaPssRsaeSha256, .ecdsaSecp256R1Sha256, .ed25519, .rsaPssRsaeSha384, .rsaPssRsaeSha512, .rsaPkcs1Sha256,
        .rsaPkcs1Sha384, .rsaPkcs1Sha512, .ecdsaSecp384R1Sha384, .ecdsaSecp521R1Sha512,
    ]
}

extension [SignatureAlgorithm] {
    /// Those that BoringSSL takes by default, and Envoy with it.
    fileprivate static let ofBoringSSL: Self = [
        .ecdsaSecp256R1Sha256, .rsaPssRsaeSha256, .rsaPkcs1Sha256, .ecdsaSecp384R1Sha384, .rsaPssRsaeSha384,
        .rsaPkcs1Sha384, .rsaPssRsaeSha512, .rsaPkcs1Sha512, .rsaPkcs1Sha1,
    ]

    /// Those, and those of keys on P-521 and for Ed25519, which are as good.
    package static let all: Self = ofBoringSSL + [.ecdsaSecp521R1Sha512, .ed25519]
}
