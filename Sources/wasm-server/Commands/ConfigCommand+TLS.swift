// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import Credentials
internal import GatewayConfiguration
internal import ServerClient

extension ConfigCommand {
    /// What Envoy needs to take the certificate of the server that is asked; warns of what no configuration can mend.
    func parameters(for client: ServerClient, calledBy host: String) async -> TLSParameters {
        warnOfCredentials()
        guard client.origin.isSecure, let address = try? await client.addresses().first,
            let presented = try? await client.presentedCertificate(at: address)
        else { return .version }
        let (chain, names) = (presented.chain, presented.names)
        if !names.cover(host) {
            let others = names.text.isEmpty ? "for no name at all" : "for \(names.text)"
            warn(
                "--as: the server's certificate is \(others), not for \(host), so gateways reject it; use one of its names, "
                    + "or issue it with this one"
            )
        }
        for fault in chain.faults(at: platform_seconds()) where fault != chain.faultOfKey {
            warn("the server's certificate: \(fault)")
        }
        return chain.first.key.needsSignaturesOfItsOwn ? .signatures(of: "\(chain.first.key)") : .version
    }

    /// Warns of what was needed to ask the server, and does not stand in what is printed.
    private func warnOfCredentials() {
        if let ca = asking.ca {
            warn("--ca: gateways have to trust the authority in \(ca), too; \(gateway.wayOfAuthority)")
        }
        if asking.certificate != nil, let client = gateway.clientWithoutCertificate {
            warn(
                "--certificate: \(client) has no client certificate, and gets no module from a server that requires one; "
                    + "use another target, such as envoy-filter, or serve plain HTTP beside: the sha256 is verified all the same"
            )
        }
    }
}

extension Gateway {
    /// What a person does about an authority that gateways do not know by themselves; it follows the name of its file.
    fileprivate var wayOfAuthority: String {
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
    fileprivate var clientWithoutCertificate: String? {
        switch self {
        case .envoy, .envoyFilter, .consul: nil
        case .envoyGateway: "Envoy Gateway's controller"
        case .istioWasmPlugin: "Istio's agent"
        case .kuadrantEnv: "the Envoy that Kuadrant configures"
        }
    }
}
