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
