// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import YAMLSyntax

/// One search for what an object says of modules.
struct ModuleSearch {
    private let object: ManifestObject
    private let file: String
    private let title: String

    /// Where it names modules at a server.
    private(set) var references: [ModuleReference] = []
    /// Where it names what no server of modules has.
    private(set) var otherSources: [ManifestFile.OtherSource] = []

    /// A search that has not begun, in an object of a file.
    init(in object: ManifestObject, of file: String) {
        (self.object, self.file, title) = (object, file, object.description)
    }

    /// Searches, as it is for the kind of object.
    mutating func run() throws(YAMLError) {
        let spec = object.node.member("spec")
        switch object.kind {
        case "WasmPlugin": try take(plugin: spec)
        case "TrafficExtension": try take(plugin: spec?.member("wasm"))
        case "EnvoyExtensionPolicy":
            for element in spec?.member("wasm")?.elements ?? [] { try take(code: element.member("code")) }
        case "EnvoyFilter":
            for patch in spec?.member("configpatches")?.elements ?? [] {
                // What is added by ECDS, Istio's agent fetches (`pkg/istio-agent/xds_proxy.go`).
                let byAgent = patch.member("applyto")?.scalar?.text == "EXTENSION_CONFIG"
                try visit(patch, under: nil, byAgent: byAgent)
            }
        default: try visit(object.node, under: nil, byAgent: false)
        }
    }

    // MARK: Istio's agent and Envoy Gateway's controller

    /// Takes what Istio's agent fetches (`pkg/wasm`, `pilot/pkg/model/extensions.go`).
    private mutating func take(plugin: YAMLNode?) throws(YAMLError) {
        guard let plugin, let url = try Self.text(plugin.member("url")) else { return }
        let text = url.text.lowercased()
        if ["http://", "https://"].contains(where: text.hasPrefix) {
            add(url, try Self.text(plugin.member("sha256")), .agent)
        } else if text.hasPrefix("file://") {
            pass(url.line, "is a file beside the proxy, which no server is asked for")
        } else {
            pass(url.line, "is an OCI image, which a registry is asked for")
        }
    }

    /// Takes what Envoy Gateway's controller fetches.
    private mutating func take(code: YAMLNode?) throws(YAMLError) {
        guard let code else { return }
        if let http = code.member("http"), let url = try Self.text(http.member("url")) {
            add(url, try Self.text(http.member("sha256")), .agent)
        } else if let image = code.member("image") {
            pass(image.line, "is an OCI image, which a registry is asked for")
        }
    }

    // MARK: Envoy

    /// Looks for sources of Envoy's (`AsyncDataSource`), wherever they stand.
    private mutating func visit(_ node: YAMLNode, under key: YAMLScalar?, byAgent: Bool) throws(YAMLError) {
        switch node {
        case .scalar: return
        case .sequence(let sequence):
            try take(variables: sequence.elements)
            for element in sequence.elements { try visit(element, under: key, byAgent: byAgent) }
        case .mapping(let mapping):
            for member in mapping.members {
                if member.key.isSpelled("remote"), let uri = member.value.member("http_uri") {
                    let isDynamicModule = key?.isSpelled("module") == true
                    try take(remote: member.value, uri, isDynamicModule: isDynamicModule, byAgent: byAgent)
                } else {
                    try visit(member.value, under: member.key, byAgent: byAgent)
                }
            }
        }
    }

    private mutating func take(
        remote: YAMLNode,
        _ uri: YAMLNode,
        isDynamicModule: Bool,
        byAgent: Bool
    ) throws(YAMLError) {
        guard !isDynamicModule else { return pass(remote.line, "is a dynamic module, which is native code") }
        guard let url = try Self.text(uri.member("uri")) else {
            return pass(uri.line, "has no uri, without which Envoy rejects it")
        }
        let sha256 = try Self.text(remote.member("sha256"))
        guard !byAgent else { return add(url, sha256, .agent) }
        guard let policy = remote.member("retry_policy"), policy.scalar?.isNull != true else {
            return add(url, sha256, .envoy(.missing))
        }
        let retries = try Self.text(policy.member("num_retries")).flatMap { Int($0.text) }
        add(url, sha256, .envoy(.retries(retries)))
    }

    /// Takes the variables of an operator that is told where the module is.
    private mutating func take(variables: [YAMLNode]) throws(YAMLError) {
        // Lists may have others within, so each is looked through without what merges bring in.
        let value = { (name: String) in
            variables.first { $0.ownMember("name")?.scalar?.text == name }?.ownMember("value")
        }
        guard let url = try Self.text(value(GatewayManifest.urlVariable)) else { return }
        add(url, try Self.text(value(GatewayManifest.digestVariable)), .operated)
    }

    // MARK: Pieces

    private mutating func add(_ url: YAMLScalar, _ sha256: YAMLScalar?, _ fetcher: ModuleFetcher) {
        let sha256 = sha256.flatMap { $0.text.isEmpty ? nil : $0.text }
        references.append(ModuleReference(place: place(url.line), url: url.text, sha256: sha256, fetcher: fetcher))
    }

    private mutating func pass(_ line: Int, _ reason: String) {
        otherSources.append(.init(place: place(line), reason: reason))
    }

    private func place(_ line: Int) -> ManifestPlace { ManifestPlace(object: title, file: file, line: line) }

    /// The text that a value is; nil if there is none.
    ///
    /// A tag may say that something else is meant, which only its reader knows.
    private static func text(_ node: YAMLNode?) throws(YAMLError) -> YAMLScalar? {
        guard let node else { return nil }
        guard let scalar = node.scalar else {
            throw YAMLError(line: node.line, "has a list or a mapping where a text is needed; write the value itself")
        }
        guard scalar.tag == nil || scalar.tag == .str || scalar.tag == .int || scalar.isNull else {
            let tag = scalar.tag?.rawValue ?? ""
            throw YAMLError(
                line: scalar.line,
                "has the tag '\(tag)', which stands for another value; write the value itself"
            )
        }
        return scalar.isNull ? nil : scalar
    }
}
