// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

extension EnvoyConfiguration {
    /// The bootstrap of a gateway that passes every request on to the server, and tells a collector of it by OpenTelemetry.
    ///
    /// - Parameters:
    ///   - server: The port of the server.
    ///   - collector: The port of the collector.
    /// - Returns: The JSON.
    static func tracing(to server: Int, collector: Int) -> String {
        """
        {
          "admin": { "address": { "socket_address": { "address": "127.0.0.1", "port_value": 0 } } },
          "layered_runtime": {
            "layers": [{ "name": "static", "static_layer": { "tracing.opentelemetry.min_flush_spans": 1 } }]
          },
          "static_resources": {
            "listeners": [{
              "name": "gateway",
              "address": { "socket_address": { "address": "127.0.0.1", "port_value": 0 } },
              "filter_chains": [{
                "filters": [{
                  "name": "envoy.filters.network.http_connection_manager",
                  "typed_config": {
                    "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.\
        HttpConnectionManager",
                    "stat_prefix": "gateway",
                    "tracing": {
                      "provider": {
                        "name": "envoy.tracers.opentelemetry",
                        "typed_config": {
                          "@type": "type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig",
                          "service_name": "gateway",
                          "http_service": {
                            "http_uri": {
                              "uri": "http://127.0.0.1:\(collector)/v1/traces",
                              "cluster": "collector",
                              "timeout": "5s"
                            }
                          }
                        }
                      }
                    },
                    "route_config": {
                      "virtual_hosts": [{
                        "name": "any",
                        "domains": ["*"],
                        "routes": [{ "match": { "prefix": "/" }, "route": { "cluster": "wasm-server" } }]
                      }]
                    },
                    "http_filters": [{
                      "name": "envoy.filters.http.router",
                      "typed_config": {
                        "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"
                      }
                    }]
                  }
                }]
              }]
            }],
            "clusters": [\(cluster("wasm-server", at: server)), \(cluster("collector", at: collector))]
          }
        }
        """
    }

    private static func cluster(_ name: String, at port: Int) -> String {
        """
        {
          "name": "\(name)",
          "type": "STATIC",
          "connect_timeout": "1s",
          "load_assignment": {
            "cluster_name": "\(name)",
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
    }
}
