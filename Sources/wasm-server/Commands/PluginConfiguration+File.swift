// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import GatewayConfiguration

extension PluginConfiguration {
    /// The largest file, in bytes: what a Kubernetes resource has room for.
    static let maximumSize = 1 << 20

    /// Reads a file of JSON or YAML, or a pipe.
    ///
    /// - Throws: ``CommandFailure`` that names the file, the reason and the remedy.
    init(readingFrom path: String) throws(CommandFailure) {
        let role = "the plugin's configuration"
        try self.init(try TextFile.read(path, as: role, most: Self.maximumSize, else: .dataError), from: path)
    }
}
