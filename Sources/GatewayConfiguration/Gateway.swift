// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What gateways are configured by.
package enum Gateway: String, CaseIterable, Sendable {
    /// A static bootstrap of Envoy.
    case envoy
    /// Istio's `EnvoyFilter`, as Kuadrant's operator writes one.
    case envoyFilter = "envoy-filter"
    /// Istio's `WasmPlugin`.
    case istioWasmPlugin = "istio-wasmplugin"
    /// Envoy Gateway's `EnvoyExtensionPolicy`.
    case envoyGateway = "envoy-gateway"
    /// Consul's `ServiceDefaults` with the extension `builtin/wasm`.
    case consul
    /// The environment of Kuadrant's operator.
    case kuadrantEnv = "kuadrant-env"

    /// Whether a plugin's configuration has a place in it.
    package var takesPluginConfiguration: Bool { self != .kuadrantEnv }
}
