// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

extension GatewayManifest {
    /// Consul's `ServiceDefaults` with the extension `builtin/wasm`, whose module Envoy fetches.
    var serviceDefaults: String {
        """
        apiVersion: consul.hashicorp.com/v1alpha1
        kind: ServiceDefaults
        metadata:
          name: my-service  # whose requests the plugin sees
        spec:
          protocol: http
          envoyExtensions:
          - name: builtin/wasm
            required: true
            arguments:
              Protocol: http
              ListenerType: inbound
              PluginConfig:
                Name: \(source.module.text.quoted)
                # RootID: what the plugin registers, if it registers a name
                VmConfig:
                  Runtime: v8
                  Code:
                    Remote:
                      HttpURI:
                        Service: { Name: wasm-server }  # the server's service in Consul, an upstream of this one
                        URI: \(source.url.quoted)
                        Timeout: \(Self.timeout)
                      SHA256: \(source.sha256.quoted)
                      RetryPolicy:
                        NumRetries: 10
                        RetryBackOff: { BaseInterval: 1s, MaxInterval: 10s }
        \(stringConfiguration)\(terminatingGatewayTLS)
        """
    }

    private var stringConfiguration: String {
        guard let plugin else { return "" }
        return "        Configuration: |-\n          \(plugin.json.indented(10))\n"
    }
}
