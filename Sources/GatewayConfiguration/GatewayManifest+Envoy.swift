// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

extension GatewayManifest {
    /// A whole bootstrap that runs: a listener that answers by itself, the plugin, and the cluster that the module is from.
    var bootstrap: String {
        """
        # Envoy with the plugin on port 10000, which answers by itself: put your own route in its place, or take the filter and the
        # cluster into a bootstrap of yours.
        admin:
          address: { socket_address: { address: 127.0.0.1, port_value: 9901 } }
        static_resources:
          listeners:
          - name: main
            address: { socket_address: { address: 127.0.0.1, port_value: 10000 } }
            filter_chains:
            - filters:
              - name: envoy.filters.network.http_connection_manager
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                  stat_prefix: main
                  route_config:
                    virtual_hosts:
                    - name: all
                      domains: ["*"]
                      routes:
                      - match: { prefix: / }
                        direct_response: { status: 200, body: { inline_string: "ok\\n" } }
                  http_filters:
                  - \(filter.indented(12))
                  - name: envoy.filters.http.router
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
          clusters:
          - \(cluster.indented(4))

        """
    }

    /// The filter that runs the plugin.
    var filter: String {
        """
        name: \("wasm.\(source.module.label)".quoted)
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm
          config:
            name: \(source.module.text.quoted)
            # root_id: what the plugin registers, if it registers a name
            \(stringValue.indented(4))failure_policy: FAIL_RELOAD  # requests fail without the plugin; one that crashed is started again
            vm_config:
              runtime: envoy.wasm.runtime.v8
              code:
                remote:
                  http_uri:
                    uri: \(source.url.quoted)
                    cluster: \(clusterName)
                    timeout: \(Self.timeout)
                  sha256: \(source.sha256.quoted)
                  # Envoy's own is one retry within a second, and then none until its configuration changes.
                  retry_policy:
                    num_retries: 10
                    retry_back_off: { base_interval: 1s, max_interval: 10s }
        """
    }

    /// The plugin's configuration as most plugins take it: JSON, in a string.
    private var stringValue: String {
        guard let plugin else { return "" }
        return """
            configuration:
              "@type": type.googleapis.com/google.protobuf.StringValue
              value: |-
                \(plugin.json.indented(4))

            """
    }

    /// Each module has one of its own, as two of one name would be rejected together.
    private var clusterName: String { "wasm-server-\(source.module.label)".quoted }

    /// The cluster that the module is from.
    var cluster: String {
        """
        name: \(clusterName)
        type: STRICT_DNS
        dns_lookup_family: V4_PREFERRED  # IPv6 only where there is no IPv4; Envoy's own AUTO is the other way round
        connect_timeout: 1s
        lb_policy: ROUND_ROBIN
        load_assignment:
          cluster_name: \(clusterName)
          endpoints:
          - lb_endpoints:
            - endpoint:
                address: { socket_address: { address: \(source.host.quoted), port_value: \(source.port) } }
        typed_extension_protocol_options:
          envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
            "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
            explicit_http_config: { http2_protocol_options: {} }
        """ + (source.isSecure ? "\n" + transportSocket : "")
    }
}
