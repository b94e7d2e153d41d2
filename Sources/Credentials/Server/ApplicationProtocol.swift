// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What the server speaks over TLS, by the names under which clients offer it (RFC 7301 §6), in the order in which it is chosen.
package enum ApplicationProtocol: String, CaseIterable, Sendable {
    /// HTTP/2 (RFC 9113 §3.2).
    case http2 = "h2"
    /// HTTP/1.1.
    case http11 = "http/1.1"
    /// HTTP/1.0.
    case http10 = "http/1.0"
    /// HTTP of either version, as Istio's proxies offer it to the workloads of their mesh (`ISTIO_MUTUAL`), and nothing else.
    case istio
}
