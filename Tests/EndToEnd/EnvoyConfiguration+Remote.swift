// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

extension EnvoyConfiguration {
    /// A retry policy that outlasts a rolling update, as Envoy Gateway generates it since 1.9.
    static let patientRetryPolicy = """
        { "num_retries": 10, "retry_back_off": { "base_interval": "1s", "max_interval": "30s" } }
        """

    /// A plugin by a `remote` data source over HTTP/1.1, with nothing else than what Envoy demands.
    ///
    /// - Parameters:
    ///   - path: Where the server has the plugin.
    ///   - sha256: What the plugin has to hash to.
    ///   - port: Where the server listens.
    ///   - tls: What makes Envoy fetch over TLS and HTTP/2; without it, in the clear and over HTTP/1.1.
    ///   - retryPolicy: When to try again; without it, Envoy does so once, within a second.
    /// - Returns: The whole configuration.
    static func remote(path: String, sha256: String, port: Int, tls: EnvoyTLS? = nil, retryPolicy: String? = nil)
        -> Self
    {
        Self(
            filter: """
                {
                  "name": "envoy.filters.http.wasm",
                  "typed_config": {
                    "@type": "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm",
                    "config": {
                      "name": "demo",
                      "vm_config": {
                        "runtime": "envoy.wasm.runtime.v8",
                        "code": {
                          "remote": {
                            "http_uri": {
                              "uri": "\(tls == nil ? "http" : "https")://127.0.0.1:\(port)\(path)",
                              "cluster": "wasm-server",
                              "timeout": "5s"
                            },
                            "sha256": "\(sha256)"
                            \(retryPolicy.map { ", \"retry_policy\": \($0)" } ?? "")
                          }
                        }
                      }
                    }
                  }
                }
                """,
            cluster: """
                {
                  "name": "wasm-server",
                  "type": "STATIC",
                  "connect_timeout": "1s",
                  \(tls.map { $0.clusterFields } ?? "")
                  "load_assignment": {
                    "cluster_name": "wasm-server",
                    "endpoints": [{
                      "lb_endpoints": [{
                        "endpoint": {
                          "address": { "socket_address": { "address": "127.0.0.1", "port_value": \(port) } }
                        }
                      }]
                    }]
                  }
                }
                """
        )
    }
}
