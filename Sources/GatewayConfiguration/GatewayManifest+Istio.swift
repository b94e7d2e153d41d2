// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

extension GatewayManifest {
    /// Istio's `EnvoyFilter`, with the patches that Kuadrant's operator writes, but by digest and with a retry policy.
    var envoyFilter: String {
        """
        apiVersion: networking.istio.io/v1alpha3
        kind: EnvoyFilter
        metadata:
          name: \(resourceName("wasm-"))
          # namespace: that of the gateway
        spec:
          # Which gateway; without it, all in the namespace.
          # targetRefs:
          # - { group: gateway.networking.k8s.io, kind: Gateway, name: my-gateway }
          configPatches:
          - applyTo: HTTP_FILTER
            match:
              context: GATEWAY
              listener:
                filterChain:
                  filter:
                    name: envoy.filters.network.http_connection_manager
                    subFilter: { name: envoy.filters.http.router }
            patch:
              operation: INSERT_BEFORE
              value:
                \(filter.indented(8))
          - applyTo: CLUSTER
            match: { context: GATEWAY }
            patch:
              operation: ADD
              value:
                \(cluster.indented(8))

        """
    }

    /// Istio's `WasmPlugin`, whose module the agent beside the proxy fetches.
    var wasmPlugin: String {
        """
        apiVersion: extensions.istio.io/v1alpha1
        kind: WasmPlugin
        metadata:
          name: \(resourceName())
          # namespace: that of the gateway
        spec:
          # Which gateway; without it, every proxy in the namespace.
          # targetRefs:
          # - { group: gateway.networking.k8s.io, kind: Gateway, name: my-gateway }
          url: \(source.url.quoted)
          \(agentTLS.indented(2))sha256: \(source.sha256.quoted)
          imagePullPolicy: IfNotPresent  # a digest never changes its bytes
          failStrategy: FAIL_CLOSE  # requests fail without the plugin
        \(structure(under: "  pluginConfig:"))
        """
    }
}
