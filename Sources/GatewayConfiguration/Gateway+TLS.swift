// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

extension Gateway {
    /// What a person does about an authority that gateways do not know by themselves; it follows the name of its file.
    package var wayOfAuthority: String {
        switch self {
        case .envoy, .envoyFilter: "put it beside Envoy, in its container, and name it as `trusted_ca`"
        case .consul: "put it beside the terminating gateway, and name it as `caFile`"
        case .envoyGateway: "put it into a ConfigMap as ca.crt, and name that as `tls.caCertificateRef` beside the URL"
        case .istioWasmPlugin:
            "Istio's agent cannot be told of it, so use `--for envoy-filter`, or plain HTTP: the sha256 is verified all the same"
        case .kuadrantEnv: "Kuadrant cannot be told of it, so use plain HTTP: the sha256 is verified all the same"
        }
    }

    /// Who fetches for gateways of this kind without a client certificate; nil where there can be one.
    package var clientWithoutCertificate: String? {
        switch self {
        case .envoy, .envoyFilter, .consul: nil
        case .envoyGateway: "Envoy Gateway's controller"
        case .istioWasmPlugin: "Istio's agent"
        case .kuadrantEnv: "the Envoy that Kuadrant configures"
        }
    }
}
