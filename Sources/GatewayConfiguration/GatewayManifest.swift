// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Ready configuration for a gateway: YAML that names a module by its digest's URL and its sha256, with a retry policy where the gateway
/// takes one.
package struct GatewayManifest: Sendable {
    /// How long a gateway waits for the module each time it asks.
    static let timeout = "10s"

    let source: ModuleSource
    let plugin: PluginConfiguration?

    /// Configuration for a module at its source, and for its plugin, if that is configured.
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

extension GatewayManifest {
    /// What a resource of Kubernetes is called, as a value of YAML: the module's label behind a prefix.
    ///
    /// A comment follows it where a person has to know what it is the name of.
    func resourceName(_ prefix: String = "") -> String {
        let name = (prefix + source.module.label).quoted
        return source.module.version == nil ? name : "\(name)  # of this version alone: delete that of the one before"
    }

    /// The plugin's configuration as a structure below a key, on lines of its own; nothing if there is none.
    func structure(under key: String) -> String {
        guard let plugin else { return "" }
        let columns = key.prefix { $0 == " " }.count + 2
        return "\(key)\n\(String(repeating: " ", count: columns))\(plugin.yaml.indented(columns))\n"
    }
}
