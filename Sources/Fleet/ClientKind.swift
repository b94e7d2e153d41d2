// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ServerInterface

/// What kind of program a client is, as far as its request says; anyone can say anything.
package enum ClientKind: String, Sendable, CaseIterable {
    /// Envoy, which fetches by itself: it names no program, and itself in `X-Forwarded-For` (`async_client_impl.cc`).
    case envoy
    /// istio-agent or the controller of Envoy Gateway: both are Go programs, and say no more.
    case go
    /// go-containerregistry, by which both fetch images.
    case ggcr
    /// A person or a script.
    case curl
    /// A kubelet's probe (`kube-probe/1.31`).
    case kubelet
    /// `wasm-server probe`, whichever client it imitates.
    case probe
    /// A program that names itself otherwise.
    case other
    /// A program that says nothing.
    case unknown

    /// The kind of a client by the fields of its request; nil where there was none.
    package init(userAgent: String?, forwardedFor: String?) {
        guard let userAgent, !userAgent.isEmpty else {
            self = forwardedFor == nil ? .unknown : .envoy
            return
        }
        guard !ProbeProduct.begins(userAgent) else {
            self = .probe
            return
        }
        let product = userAgent.prefix { $0 != "/" && $0 != " " }.lowercased()
        switch product {
        case "envoy": self = .envoy
        case "go-http-client": self = .go
        case "go-containerregistry": self = .ggcr
        case "curl", "wget": self = .curl
        case "kube-probe": self = .kubelet
        default: self = userAgent.contains("go-containerregistry") ? .ggcr : .other
        }
    }

    /// Whether it may be a gateway, or fetch for one: a rollout waits for those, and for nobody else.
    package var isGateway: Bool {
        switch self {
        case .envoy, .go, .ggcr, .other, .unknown: true
        case .curl, .kubelet, .probe: false
        }
    }
}
