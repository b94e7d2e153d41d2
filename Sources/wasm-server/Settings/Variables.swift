// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// What the process's variables say.
struct Variables {
    /// What names the configuration file.
    static let configurationFile = prefix + "CONFIG"
    /// What names one file that is served as `/plugin.wasm`, as it does for Kuadrant's operator (`wasm_server.go`).
    static let pluginFile = prefix + "FILE_PATH"

    /// What the server's variables begin with.
    static let prefix = "WASM_SERVER_"
    /// What Kubernetes puts into `WASM_SERVER_PORT` of every pod beside a Service named `wasm-server`.
    private static let serviceLinkPrefixes = ["tcp://", "udp://", "sctp://"]

    /// All variables but those that Kubernetes made.
    let environment: [String: String]

    /// The variables of an environment.
    init(_ environment: [String: String]) {
        self.environment = environment.filter { !Self.isServiceLink($0.key, $0.value) }
    }

    /// What is given for a setting; nil for nothing.
    func given(_ setting: Setting) -> Given? {
        environment[setting.variable].map { value in
            let values = setting.declaration.isList ? Self.elements(of: value) : [value]
            return Given(values: values, place: .variable(setting.variable))
        }
    }

    /// The path that a variable holds; nil if there is no such variable.
    ///
    /// - Throws: ``CommandFailure`` if it is empty.
    func path(_ name: String) throws(CommandFailure) -> String? {
        guard let value = environment[name] else { return nil }
        try Given(values: [value], place: .variable(name)).requireSomething(allowed: "the path of a file")
        return value
    }

    /// Whether Kuadrant's variable names a file.
    var hasPluginFile: Bool { environment[Self.pluginFile] != nil }

    private static func elements(of value: String) -> [String] {
        value.split(separator: ",", omittingEmptySubsequences: false).map { element in
            String(element.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        }
    }

    /// Whether a variable is one of those that Kubernetes makes of a Service whose name begins with `wasm-server`
    /// (`envvars.go`): `…_SERVICE_HOST`, `…_SERVICE_PORT`, `…_SERVICE_PORT_NAME`, `…_PORT` and `…_PORT_8082_TCP_ADDR`.
    private static func isServiceLink(_ name: String, _ value: String) -> Bool {
        guard name.hasPrefix(prefix) else { return false }
        var words = name.split(separator: "_", omittingEmptySubsequences: false)[...]
        if words.suffix(2) == ["SERVICE", "HOST"] { return true }
        let port = zip(words, words.dropFirst()).enumerated().first { $1 == ("SERVICE", "PORT") }
        if let port {
            let portName = words.dropFirst(port.offset + 2).joined(separator: "_")
            if portName.utf8.allSatisfy(isOfPortName) { return true }
        }
        if ["PROTO", "PORT", "ADDR"].contains(words.last) { words.removeLast() }
        if ["TCP", "UDP", "SCTP"].contains(words.last), words.dropLast(2).last == "PORT",
            let number = words.dropLast().last, !number.isEmpty, number.utf8.allSatisfy(\.isDigit)
        {
            return true
        }
        return name.hasSuffix("_PORT") && serviceLinkPrefixes.contains(where: value.hasPrefix)
    }

    private static func isOfPortName(_ byte: UInt8) -> Bool {
        byte.isDigit || byte.isUppercaseLetter || byte == UInt8(ascii: "_")
    }
}
