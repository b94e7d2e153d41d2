// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What gateways are configured by.
package enum Gateway: String, CaseIterable, Sendable {
    /// A static bootstrap of Envoy.
    case envoy
    /// Istio's `EnvoyFilter`, as Kuadrant's operator writes one.
    case envoyFilter = "envoy-filter"
    /// Istio's `WasmPlugin`.
    case istioWasmPlugin = "istio-wasmplugin"
    /// Envoy Gateway's `EnvoyExtensionPolicy`.
    case envoyGateway = "envoy-gateway"
    /// Consul's `ServiceDefaults` with the extension `builtin/wasm`.
    case consul
    /// The environment of Kuadrant's operator.
    case kuadrantEnv = "kuadrant-env"

    /// Whether a plugin's configuration has a place in it.
    package var takesPluginConfiguration: Bool { self != .kuadrantEnv }
}

/// What Envoy has to be told of TLS, beyond its defaults, to take a server's certificate.
package enum TLSParameters: Sendable {
    /// The version of TLS: with its own, 1.2, it takes no certificate on P-384.
    case version
    /// That, and the signatures of a kind of key that it does not offer by itself; what the kind is called.
    case signatures(of: String)

    /// The fields, each on a line of its own.
    var fields: String {
        let reason = "Envoy's own is 1.2, with which it rejects certificates on P-384"
        let version = "tls_maximum_protocol_version: TLSv1_3  # \(reason)"
        switch self {
        case .version: return version
        case .signatures(let key):
            // Envoy's own, in its own order, and the two that it lacks (RFC 8446 §4.2.3).
            return """
                \(version)
                # The key of the server's certificate is \(key), whose signatures Envoy does not offer by itself.
                signature_algorithms: [ecdsa_secp256r1_sha256, rsa_pss_rsae_sha256, rsa_pkcs1_sha256, ecdsa_secp384r1_sha384,
                  rsa_pss_rsae_sha384, rsa_pkcs1_sha384, rsa_pss_rsae_sha512, rsa_pkcs1_sha512, ecdsa_secp521r1_sha512, ed25519]
                """
        }
    }
}
