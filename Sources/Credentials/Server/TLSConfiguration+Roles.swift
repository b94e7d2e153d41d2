// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOSSL

extension TLSConfiguration {
    /// What the server speaks: TLS 1.3, and TLS 1.2 with forward secrecy and authenticated encryption only.
    ///
    /// With client authorities, a client must present a certificate that leads to one of them, and nothing else is
    /// trusted: not what the system trusts, nor a certificate of the bundle that is no authority's. Without, no client
    /// certificate is demanded.
    static func server(_ credentials: ParsedCredentials, clients: TrustAnchors?) -> TLSConfiguration {
        let chain = credentials.pair.chain.map { NIOSSLCertificateSource.certificate($0) }
        let key = NIOSSLPrivateKeySource.privateKey(credentials.pair.key)
        var configuration =
            if let clients {
                makeServerConfigurationWithMTLS(
                    certificateChain: chain,
                    privateKey: key,
                    trustRoots: .certificates(clients.certificates)
                )
            } else {
                makeServerConfiguration(certificateChain: chain, privateKey: key)
            }
        configuration.minimumTLSVersion = .tlsv12
        configuration.cipherSuiteValues = suitesBefore13
        configuration.verifySignatureAlgorithms = .all
        configuration.applicationProtocols = ApplicationProtocol.allCases.map(\.rawValue)
        configuration.renegotiationSupport = .none
        return configuration
    }

    /// What the server speaks as its peers' client: the same, with its own certificate, and with anchors that vouch for
    /// theirs; nil for those of the system.
    static func peer(_ credentials: ParsedCredentials, trusting anchors: TrustAnchors?) -> TLSConfiguration {
        var configuration = makeClientConfiguration()
        configuration.certificateChain = credentials.pair.chain.map { .certificate($0) }
        configuration.privateKey = .privateKey(credentials.pair.key)
        configuration.certificateVerification = .fullVerification
        configuration.trustRoots = anchors.map { .certificates($0.certificates) } ?? .default
        configuration.minimumTLSVersion = .tlsv12
        configuration.cipherSuiteValues = suitesBefore13
        configuration.verifySignatureAlgorithms = .all
        configuration.applicationProtocols = ["http/1.1"]
        configuration.renegotiationSupport = .none
        return configuration
    }

    /// The suites for TLS 1.2; those of TLS 1.3 are all of that kind (RFC 9325 §4.2, RFC 9113 §9.2.2).
    private static let suitesBefore13: [NIOTLSCipher] = [
        .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ]
}
