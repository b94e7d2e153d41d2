// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Ready configuration for a gateway: YAML that names a module by its digest's URL and its sha256, with a retry policy.
package struct GatewayManifest: Sendable {
    /// How long a gateway waits for the module, and how it tries again.
    static let timeout = "10s"

    let source: ModuleSource
    let plugin: PluginConfiguration?

    /// Configuration for a module.
    ///
    /// - Parameters:
    ///   - source: Where the module is.
    ///   - plugin: What the plugin itself is configured by; nil for nothing.
    package init(of source: ModuleSource, plugin: PluginConfiguration? = nil) {
        (self.source, self.plugin) = (source, plugin)
    }

    /// The text, for one kind of gateway; it ends with a newline.
    package func text(for gateway: Gateway) -> String {
        switch gateway {
        case .envoy: bootstrap
        case .envoyFilter: envoyFilter
        case .istioWasmPlugin: wasmPlugin
        case .envoyGateway: envoyExtensionPolicy
        case .consul: serviceDefaults
        case .kuadrantEnv: kuadrantEnvironment
        }
    }
}
