// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

extension EnvoyConfiguration {
    /// What the Kuadrant operator patches into a gateway, field by field.
    ///
    /// The only difference: the operator's cluster has the server's name in the cluster's DNS, here it has an address.
    ///
    /// - Parameters:
    ///   - path: Where the server has the plugin; the operator knows `/plugin.wasm` alone.
    ///   - sha256: What the plugin has to hash to.
    ///   - host: The address that the server listens on.
    ///   - port: Where the server listens.
    /// - Returns: The whole configuration.
    static func kuadrant(
        path: String = "/plugin.wasm",
        sha256: String,
        host: String = "127.0.0.1",
        port: Int
    ) -> Self {
        Self(
            filter: """
                {
                  "name": "envoy.filters.http.wasm",
                  "typed_config": {
                    "@type": "type.googleapis.com/udpa.type.v1.TypedStruct",
                    "type_url": "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm",
                    "value": {
                      "config": {
                        "name": "kuadrant-wasm-shim",
                        "root_id": "kuadrant_wasm_shim",
                        "vm_config": {
                          "runtime": "envoy.wasm.runtime.v8",
                          "code": {
                            "remote": {
                              "http_uri": {
                                "uri": "http://kuadrant-operator-wasm.kuadrant-system.svc.cluster.local:8082\
                \(path)",
                                "timeout": "10s",
                                "cluster": "kuadrant-operator-wasm"
                              },
                              "sha256": "\(sha256)"
                            }
                          },
                          "allow_precompiled": true
                        },
                        "failure_policy": "FAIL_RELOAD",
                        "configuration": {
                          "@type": "type.googleapis.com/google.protobuf.Struct",
                          "value": { "services": {}, "actionSets": [] }
                        }
                      }
                    }
                  }
                }
                """,
            cluster: """
                {
                  "name": "kuadrant-operator-wasm",
                  "type": "STRICT_DNS",
                  "connect_timeout": "1s",
                  "lb_policy": "ROUND_ROBIN",
                  "http2_protocol_options": {},
                  "load_assignment": {
                    "cluster_name": "kuadrant-operator-wasm",
                    "endpoints": [{
                      "lb_endpoints": [{
                        "endpoint": {
                          "address": { "socket_address": { "address": "\(host)", "port_value": \(port) } }
                        }
                      }]
                    }]
                  }
                }
                """
        )
    }
}
