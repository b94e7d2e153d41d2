// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

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
