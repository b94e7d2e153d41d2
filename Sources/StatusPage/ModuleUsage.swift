// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import GatewayConfiguration
internal import HTTPSemantics
internal import ServerInterface

/// Where modules are served.
package struct ModulePort: Sendable {
    /// Whether it speaks TLS.
    let isSecure: Bool
    /// Its number.
    let number: Int

    /// A port.
    package init(isSecure: Bool, number: Int) { (self.isSecure, self.number) = (isSecure, number) }
}

/// How gateways are told to use a module: one text for each kind, with the server's name as gateways have it.
struct ModuleUsage {
    private let entry: ModuleIndex.Entry
    private let digest: Digest
    private let ports: [ModulePort]
    private let authority: RequestAuthority?

    /// What is shown if no kind of gateway is asked for, and what is for a person.
    private static let shell = "shell"

    /// The usage of a module with a digest.
    init(_ entry: ModuleIndex.Entry, _ digest: Digest, ports: [ModulePort], askedAs authority: RequestAuthority?) {
        (self.entry, self.digest, self.ports, self.authority) = (entry, digest, ports, authority)
    }

    /// The tabs, of which the query's `gateway` names one, and what is in that; `host` is how gateways call the server.
    func html(_ query: PageQuery) -> HTML? {
        guard !ports.isEmpty else { return nil }
        let kinds = Gateway.allCases.map { ($0.rawValue, $0.title) } + [(Self.shell, "Shell")]
        let named = query["gateway"]
        let chosen = kinds.map(\.0).first { $0 == named } ?? Gateway.envoyFilter.rawValue
        let tabs = kinds.map { name, title -> HTML in
            let current: HTML = name == chosen ? " aria-current=\"true\"" : ""
            return "<li><a href=\"\(query.link(["gateway": name], fragment: "use"))\"\(current)>\(title)</a></li>"
        }
        return """
            <h2 id="use">Use it</h2>
            <p>The digest belongs in \(field(of: chosen)). It is the SHA-256 of the module's bytes; an image has a digest of its own, \
            which is another.</p>
            <nav class="tabs" aria-label="Kinds of gateways"><ul>\(tabs)</ul></nav>
            \(form(query, chosen))
            \(text(query, chosen))
            """
    }

    private func field(of name: String) -> HTML {
        guard let gateway = Gateway(rawValue: name) else { return "what <code>sha256sum</code> compares" }
        return "<code>\(gateway.digestField)</code>"
    }

    private func form(_ query: PageQuery, _ chosen: String) -> HTML {
        """
        <form class="filter" action="\(query.path)#use">
        <input type="hidden" name="gateway" value="\(chosen)">
        <label>What gateways call this server <input type="text" name="host" value="\(query["host"] ?? "")" \
        placeholder="wasm-server.NAMESPACE.svc.cluster.local" maxlength="253" size="40" autocomplete="off"></label>
        <button>Fill in</button></form>
        """
    }

    private func text(_ query: PageQuery, _ chosen: String) -> HTML {
        guard let (host, port) = server(query) else {
            return """
                <p>\(.state("problem", .attention)) \(query["host"].map { "<code>\($0)</code> is" as HTML } ?? "This page was asked for by what is") \
                no name or address of a server; write a name, perhaps with a colon and a port.</p>
                """
        }
        let source = ModuleSource(
            isSecure: port.isSecure,
            host: host,
            port: port.number,
            digest: digest,
            path: DigestPath.text(of: digest),
            module: ModuleName(
                entry.name ?? "plugin",
                version: entry.version,
                path: entry.path ?? DigestPath.text(of: digest)
            )
        )
        guard let gateway = Gateway(rawValue: chosen) else {
            let url = "\(port.isSecure ? "https" : "http")://\(host.contains(":") ? "[\(host)]" : host):\(port.number)"
            let commands = """
                curl -sSfo plugin.wasm \(url)\(DigestPath.text(of: digest))
                echo '\(digest)  plugin.wasm' | sha256sum -c
                """
            return .listing(commands, of: "the commands")
        }
        let caution = gateway.caution(about: host).map { caution -> HTML in
            """
            <p>\(.state("not as it is", .attention)) \(caution.reason). Fill in the name that gateways have for this server, such as \
            <code>\(caution.example)</code>.</p>
            """
        }
        return "\(caution)\(.listing(GatewayManifest(of: source).text(for: gateway), of: "the configuration"))"
    }

    /// The server as gateways call it: by the query, or as the browser does, and then at the port of modules; nil if that is no name.
    private func server(_ query: PageQuery) -> (host: String, port: ModulePort)? {
        // Who has two ports encrypts where it matters: across the network.
        guard let standard = ports.last else { return nil }
        guard let named = query["host"] else { return authority.map { ($0.host, standard) } }
        guard let named = RequestAuthority(named) else { return nil }
        guard let number = named.port else { return (named.host, standard) }
        let port = ports.first { $0.number == number } ?? ModulePort(isSecure: standard.isSecure, number: number)
        return (named.host, port)
    }
}

extension Gateway {
    /// What people call it.
    fileprivate var title: String {
        switch self {
        case .envoy: "Envoy"
        case .envoyFilter: "EnvoyFilter"
        case .istioWasmPlugin: "WasmPlugin"
        case .envoyGateway: "EnvoyExtensionPolicy"
        case .consul: "Consul"
        case .kuadrantEnv: "Kuadrant"
        }
    }

    /// Which of its fields takes the digest.
    fileprivate var digestField: String {
        switch self {
        case .envoy, .envoyFilter: "vm_config.code.remote.sha256"
        case .istioWasmPlugin: "spec.sha256"
        case .envoyGateway: "spec.wasm[].code.http.sha256"
        case .consul: "PluginConfig.VmConfig.Code.Remote.SHA256"
        case .kuadrantEnv: "WASM_SHIM_SHA256"
        }
    }
}
