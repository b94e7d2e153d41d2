// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

extension GatewayManifest {
    /// Envoy Gateway's `EnvoyExtensionPolicy`, whose module the controller fetches.
    var envoyExtensionPolicy: String {
        """
        apiVersion: gateway.envoyproxy.io/v1alpha1
        kind: EnvoyExtensionPolicy
        metadata:
          name: \(resourceName())
          # namespace: that of the gateway or route
        spec:
          targetRefs:
          - { group: gateway.networking.k8s.io, kind: Gateway, name: my-gateway }  # yours, or an HTTPRoute
          wasm:
          - name: \(source.module.text.quoted)
            # rootID: what the plugin registers, if it registers a name
            code:
              type: HTTP
              http:
                url: \(source.url.quoted)
                \(controllerTLS.indented(8))sha256: \(source.sha256.quoted)
              pullPolicy: IfNotPresent  # a digest never changes its bytes
            failOpen: false  # requests fail without the plugin
        \(structure(under: "    config:"))
        """
    }
}

extension GatewayManifest {
    /// The variable that such an operator has the URL from.
    static let urlVariable = "WASM_SHIM_URL"
    /// The variable that it has the sha256 from.
    static let digestVariable = "WASM_SHIM_SHA256"

    /// The variables for an operator that can be told where the module is.
    var kuadrantEnvironment: String {
        """
        # Today's Kuadrant operator takes none of these: the URL and the sha256 of the module are fixed in its code. Until it does, this
        # server has to stand behind its Service, kuadrant-operator-wasm:8082, with the very bytes of the operator's own image.
        # A patched operator would take the URL and the sha256 together, so that they always belong together:
        env:
        - name: \(Self.urlVariable)
          value: \(source.url.quoted)
        - name: \(Self.digestVariable)
          value: \(source.sha256.quoted)

        """
    }
}
