// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What an Envoy is told: a gateway that answers every request by itself, through a plugin that it has to fetch.
///
/// Written as the JSON that Envoy reads, so that it can be laid beside Envoy's documentation.
struct EnvoyConfiguration {
    /// The filter that runs the plugin, and says where it comes from.
    let filter: String
    /// The cluster that the plugin is fetched from.
    let cluster: String

    /// The bootstrap configuration.
    var json: String {
        """
        {
          "admin": { "address": { "socket_address": { "address": "127.0.0.1", "port_value": 0 } } },
          "static_resources": {
            "listeners": [\(listener)],
            "clusters": [\(cluster)]
          }
        }
        """
    }

    private var listener: String {
        """
        {
          "name": "gateway",
          "address": { "socket_address": { "address": "127.0.0.1", "port_value": 0 } },
          "filter_chains": [{
            "filters": [{
              "name": "envoy.filters.network.http_connection_manager",
              "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.\
        HttpConnectionManager",
                "stat_prefix": "gateway",
                "route_config": {
                  "virtual_hosts": [{
                    "name": "any",
                    "domains": ["*"],
                    "routes": [{ "match": { "prefix": "/" }, "direct_response": { "status": 200 } }]
                  }]
                },
                "http_filters": [
                  \(filter),
                  {
                    "name": "envoy.filters.http.router",
                    "typed_config": {
                      "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"
                    }
                  }
                ]
              }
            }]
          }]
        }
        """
    }
}
