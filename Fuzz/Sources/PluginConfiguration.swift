// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

@testable internal import GatewayConfiguration
@testable internal import wasm_server

extension FuzzTarget {
    /// A plugin's configuration, in JSON or YAML; what is printed of it is JSON that says the same.
    static let pluginConfiguration = FuzzTarget("plugin-configuration") { (text: String) in
        do throws(CommandFailure) {
            let value = try PluginConfiguration(text, from: "file")
            for printed in [value.json, value.yaml] where !printed.contains("? \"") {
                require((try? PluginConfiguration(json: printed)) == value, "\(printed) says the same")
            }
        } catch {
            require(error.status == .dataError, "\(error.status) for \(error.message)")
            require(error.message.hasPrefix("file") && error.message.contains("; "), "\(error.message) has a remedy")
        }
    }
}
