// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

extension Snippet {
    /// Istio's `EnvoyFilter`, with the patches that Kuadrant's operator writes, but by digest and with a retry policy.
    var envoyFilter: String {
        """
        apiVersion: networking.istio.io/v1alpha3
        kind: EnvoyFilter
        metadata:
          name: wasm-\(source.label)
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
          name: \(source.label)
          # namespace: that of the gateway
        spec:
          # Which gateway; without it, every proxy in the namespace.
          # targetRefs:
          # - { group: gateway.networking.k8s.io, kind: Gateway, name: my-gateway }
          url: \(source.url.quoted)
          sha256: \(source.sha256.quoted)
          imagePullPolicy: IfNotPresent  # a digest never changes its bytes
          failStrategy: FAIL_CLOSE  # requests fail without the plugin
        \(structure(under: "  pluginConfig:"))
        """
    }

    /// The plugin's configuration as a structure below a key, on lines of its own; nothing if there is none.
    func structure(under key: String) -> String {
        guard let plugin else { return "" }
        let columns = key.prefix { $0 == " " }.count + 2
        return "\(key)\n\(String(repeating: " ", count: columns))\(plugin.json.indented(columns))\n"
    }
}
