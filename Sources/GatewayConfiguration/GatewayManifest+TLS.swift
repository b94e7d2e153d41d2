// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// How the authority of the server's certificate gets in, and a client certificate where the server requires one.
///
/// It is what a gateway's configuration has for that, and what a person has to know where it has nothing.
extension GatewayManifest {
    /// Envoy's own, in a cluster.
    var transportSocket: String {
        """
        transport_socket:
          name: envoy.transport_sockets.tls
          typed_config:
            "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
            sni: \(source.host.quoted)
            common_tls_context:
              alpn_protocols: [h2]
              tls_params:
                \(source.tls.fields.indented(8))
              # Where the server requires a client certificate; all of these are files beside Envoy, in its container:
              # tls_certificates:
              # - certificate_chain: { filename: /etc/envoy/tls.crt }
              #   private_key: { filename: /etc/envoy/tls.key }
              validation_context:
                trusted_ca: { filename: /etc/ssl/certs/ca-certificates.crt }  # the authority of the server's certificate
                match_typed_subject_alt_names:
                - san_type: \(isAddress ? "IP_ADDRESS" : "DNS")
                  matcher: { exact: \(source.host.quoted) }
        """
    }

    private var isAddress: Bool {
        source.host.contains(":") || source.host.allSatisfy { $0.isNumber || $0 == "." }
    }

    /// That of Envoy Gateway's controller, beside the URL.
    var controllerTLS: String {
        onLines(
            """
            # Where the controller's image does not know the authority of the server's certificate: it is ca.crt in a ConfigMap.
            # tls:
            #   caCertificateRef: { kind: ConfigMap, name: wasm-server-ca }
            # The controller has no client certificate, so the server must not demand one.
            """
        )
    }

    /// That of Istio's agent, beside the URL.
    var agentTLS: String {
        onLines(
            """
            # The agent knows no other authorities than its image does, and has no client certificate. With an authority of your own use
            # what `--for envoy-filter` prints, or plain HTTP: the sha256 is verified all the same.
            """
        )
    }

    /// That of Consul, behind everything else.
    var terminatingGatewayTLS: String {
        onLines(
            """
            # Proxies reach the service by Consul's own TLS. Where the server itself speaks TLS, a TerminatingGateway leads to it:
            # spec:
            #   services:
            #   - name: wasm-server
            #     sni: \(source.host.quoted)
            #     caFile: /etc/ssl/certs/ca-certificates.crt  # the authority of the server's certificate
            #     # Where the server requires a client certificate:
            #     # certFile: /etc/consul/tls.crt
            #     # keyFile: /etc/consul/tls.key
            """
        )
    }

    /// Lines that end, to stand before others; none where the server is asked without TLS.
    private func onLines(_ text: String) -> String { source.isSecure ? "\(text)\n" : "" }
}
