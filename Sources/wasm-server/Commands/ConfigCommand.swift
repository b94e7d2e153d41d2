// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ArgumentParser
internal import Content
internal import GatewayConfiguration
internal import ProxyWasm
internal import ServerClient
internal import ServerInterface
internal import YAMLSyntax

extension Gateway: ExpressibleByArgument {}

/// `wasm-server config`: ready configuration for a gateway.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Print configuration for a gateway: a module's URL by digest and its sha256.",
        discussion: """
            It asks the server for what it serves, and prints YAML, with a retry policy where the gateway has one. The \
            URL in it is the one that is asked; where gateways have another name for the server, give that by --as. For a \
            gateway in a cluster `localhost` is the gateway itself, so such names are rejected unless --as gives them. \
            The same is served, without a plugin's configuration, at /modules/<path>/<target>.yaml.

                wasm-server config --for envoy-filter --url http://localhost:8082 \\
                    --as http://wasm-server.example:8082 plugin
            """
    )

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("What is configured.", valueName: "target")
    )
    var gateway: Gateway

    @Option(help: ArgumentHelp("The server that is asked: http://HOST:PORT or https://HOST:PORT.", valueName: "url"))
    var url: String

    @Option(
        name: .customLong("as"),
        help: ArgumentHelp("The server as gateways call it, in the same form. (default: --url)", valueName: "url")
    )
    var published: String?

    @Argument(
        help: "The module, by its name, path or sha256 (a kept one by its sha256); not needed where there is only one."
    )
    var module: String?

    @Option(
        help: ArgumentHelp("What the plugin itself is configured by: a file of JSON or YAML.", valueName: "file"),
        completion: .file()
    )
    var pluginConfig: String?

    @Option(help: ArgumentHelp("yaml, or json: the same without comments.", valueName: "format"))
    var output: Format = .yaml

    @Flag(help: "Print no warnings.")
    var quiet = false

    @OptionGroup var admission: AdmissionOptions
    @OptionGroup var asking: AskingOptions

    /// How configuration is written.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case yaml
        case json
    }

    func run() async throws {
        try await CommandFailure.reporting { () throws(CommandFailure) in
            let plugin = try plugin()
            let client = try asking.client(of: url)
            let server = try server(askedAt: client.origin)
            try judge(server)
            let listing = try await client.modules()
            let module = try ModuleChoice(self.module).module(in: listing, of: client.origin)
            guard let digest = module.sha256.flatMap({ Digest(hexadecimal: $0) }), let path = module.digestPath,
                path == DigestPath.text(of: digest)
            else {
                throw CommandFailure(
                    .unavailable,
                    "\(client.origin): its list names a module without the URL of its digest; is it a Wasm Server?"
                )
            }
            if let warning = try admission.demand().judge(module) { warn(warning) }
            warn(of: module)
            let tls = server.isSecure ? await parameters(for: client, calledBy: server.name.host) : .version
            let source = ModuleSource(
                isSecure: server.isSecure,
                host: server.name.host,
                port: server.port,
                digest: digest,
                path: path,
                module: ModuleName(module.name ?? "plugin", version: module.version, path: module.path ?? path),
                tls: tls
            )
            let manifest = GatewayManifest(of: source, plugin: plugin)
            let text = output == .yaml ? manifest.text(for: gateway) : try Self.json(manifest.text(for: gateway))
            StandardStream.output.print(String(text.dropLast()))
        }
    }

    /// YAML of ours as JSON.
    private static func json(_ yaml: String) throws(CommandFailure) -> String {
        do throws(YAMLError) {
            let most = 16 * PluginConfiguration.maximumSize
            return try PluginConfiguration(yaml: yaml, limits: YAMLLimits(size: most, extent: most)).json + "\n"
        } catch {
            throw CommandFailure(.dataError, "--output\(error.description); print it as yaml")
        }
    }

    /// Rejects to write what no gateway reaches, unless that was asked for; warns of what some may not reach.
    private func judge(_ server: Origin) throws(CommandFailure) {
        guard let caution = gateway.caution(about: server.name.host) else { return }
        let example = "\(server.isSecure ? "https" : "http")://\(caution.example):\(Settings().port)"
        guard !caution.isHopeless || published != nil else {
            throw CommandFailure(
                .usage,
                "--url: \(caution.reason); say by --as what gateways call the server, such as \(example)"
            )
        }
        let flag = published == nil ? "--url" : "--as"
        warn("\(flag): \(caution.reason); let gateways call the server \(example), or the like")
    }

    /// Tells a person something, unless the command is quiet.
    func warn(_ message: String) {
        guard !quiet else { return }
        StandardStream.error.say("wasm-server: warning: \(message)")
    }

    /// The server as gateways call it.
    private func server(askedAt origin: Origin) throws(CommandFailure) -> Origin {
        guard let published else { return origin }
        do throws(ServerNameError) {
            return try Origin(published)
        } catch {
            throw CommandFailure(.usage, "--as: \(error)")
        }
    }

    private func plugin() throws(CommandFailure) -> PluginConfiguration? {
        guard let pluginConfig else { return nil }
        let plugin = try PluginConfiguration(readingFrom: pluginConfig)
        guard gateway.takesPluginConfiguration else {
            throw CommandFailure(.usage, "--plugin-config: \(gateway.rawValue) has no place for it; leave it out")
        }
        guard plugin.isObject || gateway != .istioWasmPlugin else {
            throw CommandFailure(
                .dataError,
                "\(pluginConfig): a WasmPlugin takes only an object; write keys and values"
            )
        }
        if [.istioWasmPlugin, .envoyGateway].contains(gateway), let number = plugin.inexactNumber {
            throw CommandFailure(
                .dataError,
                "\(pluginConfig): the number \(number) has more digits than \(gateway.rawValue) keeps; write it as text, in quotes"
            )
        }
        return plugin
    }

    private func warn(of module: ModuleIndex.Entry) {
        let isFetchedByEnvoy = [.envoy, .envoyFilter, .consul].contains(gateway)
        guard isFetchedByEnvoy, let size = module.size, size > FetchLimit.envoy else { return }
        warn("the module has \(size) bytes, and Envoy accepts at most \(FetchLimit.envoy) from a remote source")
    }
}
