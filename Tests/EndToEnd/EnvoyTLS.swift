// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import TestSupport

/// What makes Envoy fetch over TLS and HTTP/2, as Envoy Gateway configures it.
struct EnvoyTLS {
    /// The path of the authority that the server's certificate must come from.
    let authority: String
    /// What Envoy shows of itself; nil for nothing.
    let client: TestCertificates.Pair?

    /// The fields of a cluster.
    var clusterFields: String {
        """
        "http2_protocol_options": {},
        "transport_socket": {
          "name": "envoy.transport_sockets.tls",
          "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
            "sni": "localhost",
            "common_tls_context": {
              \(certificates)
              "validation_context": {
                "trusted_ca": { "filename": "\(authority)" },
                "match_typed_subject_alt_names": [{ "san_type": "DNS", "matcher": { "exact": "localhost" } }]
              }
            }
          }
        },
        """
    }

    private var certificates: String {
        guard let client else { return "" }
        return """
            "tls_certificates": [{
              "certificate_chain": { "filename": "\(client.certificate)" },
              "private_key": { "filename": "\(client.key)" }
            }],
            """
    }
}
