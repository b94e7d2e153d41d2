// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ArgumentParser
internal import CPlatform

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// `wasm-server serve`: verify everything, then serve it.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Verify WebAssembly modules, then serve them and their SHA-256 to gateways.",
        discussion: """
            Every setting can be given as a flag (--log-level debug), as a variable (WASM_SERVER_LOG_LEVEL=debug) or in \
            a YAML file (log-level: debug); the first of these that gives it wins. WASM_SERVER_FILE_PATH names one file \
            that is served as /plugin.wasm, as it does for Kuadrant; without any source it is /wasm/plugin.wasm.

            Sources may change at any time: the server looks at them each second, and at once on SIGHUP.

            On SIGTERM the server reports that it is not ready, goes on for --drain-delay while that gets around, then \
            finishes the downloads under way and ends with 0; a second SIGTERM ends it at once.
            """
    )

    @Argument(help: "A .wasm file, or a directory: every .wasm below it at its relative path.", completion: .file())
    var source: [String] = []

    @Flag(help: "Serve the embedded demo plugin as /plugin.wasm.")
    var demo = false

    @Flag(help: "Verify the configuration and every module, say what was found, and exit.")
    var check = false

    @Option(help: "A YAML file with settings (WASM_SERVER_CONFIG).", completion: .file())
    var config: String?

    @Option(help: "The address to listen on. (default: every address, IPv4 and IPv6)")
    var host: String?

    @Option(help: "The data port; 0 picks a free one. (default: 8082)")
    var port: String?

    @Option(help: "The port of the probes; 0 picks a free one. (default: 9082)")
    var operationsPort: String?

    @Option(help: "The server's certificate and those that lead to its authority, PEM.", completion: .file())
    var tlsCertificate: String?

    @Option(help: "The certificate's private key, PEM.", completion: .file())
    var tlsKey: String?

    @Option(help: "Demand client certificates, of these authorities, PEM.", completion: .file())
    var tlsClientCA: String?

    @Option(
        help:
            "A DNS name or SPIFFE id that a client's certificate must have; repeatable. (default: any of the authorities')"
    )
    var tlsAllowedClient: [String] = []

    @Option(
        help: "The authorities of siblings' certificates, PEM. (default: those of clients, else the system's)",
        completion: .file()
    )
    var tlsPeersCA: String?

    @Option(help: "A port for TLS beside the plain one; 0 picks a free one. (default: the data port speaks TLS only)")
    var tlsPort: String?

    @Option(
        help:
            "HOST[:PORT] of this server's siblings, itself included: a headless Service, or an address; repeatable. (default: none)"
    )
    var peers: [String] = []

    @Option(help: "How long a new server may take over modules from its siblings. (default: 5s)")
    var adoptTimeout: String?

    @Option(help: "The largest module. (default: 256MiB)")
    var maxModuleSize: String?

    @Option(help: "Open connections of a data port; more wait. (default: 4096)")
    var maxConnections: String?

    @Option(help: "Open connections of one client address; more are closed. (default: any number)")
    var maxConnectionsPerClient: String?

    @Option(help: "How long to serve a module by digest after it was last current or fetched; 0: not. (default: 24h)")
    var retain: String?

    @Option(help: "The memory for modules that are no longer current. (default: 256MiB)")
    var retainMemory: String?

    @Option(help: "How often to read every source anew, whatever sizes and times of files say. (default: 10m)")
    var rehash: String?

    @Option(help: "How long to accept connections after SIGTERM: 5, 500ms, 2m. (default: 5s)")
    var drainDelay: String?

    @Option(help: "How long downloads under way may take after that. (default: 30s)")
    var drainTimeout: String?

    @Option(help: "trace, debug, info, notice, warning, error or critical. (default: info)")
    var logLevel: String?

    @Option(help: "json or text. (default: text on a terminal, else json)")
    var logFormat: String?

    private var flags: [Setting: String] {
        let given: [Setting: String?] = [
            .host: host, .port: port, .operationsPort: operationsPort, .tlsCertificate: tlsCertificate,
            .tlsKey: tlsKey, .tlsClientCA: tlsClientCA, .tlsPeersCA: tlsPeersCA, .tlsPort: tlsPort,
            .adoptTimeout: adoptTimeout,
            .maximumModuleSize: maxModuleSize,
            .maximumConnections: maxConnections, .maximumConnectionsPerClient: maxConnectionsPerClient,
            .retain: retain, .retainMemory: retainMemory, .rehash: rehash, .drainDelay: drainDelay,
            .drainTimeout: drainTimeout,
            .logLevel: logLevel, .logFormat: logFormat,
        ]
        return given.compactMapValues(\.self)
    }

    func run() async throws {
        try await CommandFailure.reporting { () throws(CommandFailure) in
            let settings = try await settings()
            if check {
                try ModuleCheck.run(settings)
            } else {
                try await ServeRun(settings).run()
            }
        }
    }

    private func settings() async throws(CommandFailure) -> Settings {
        let environment = ProcessInfo.processInfo.environment
        var file: (String, ConfigurationFile.Provider)?
        if let path = config ?? environment["WASM_SERVER_CONFIG"] {
            file = try await ConfigurationFile.provider(at: path).map { (path, $0) }
        }
        return try SettingsReader(flags: flags, environment: environment, file: file).settings(
            arguments: source,
            demo: demo,
            clients: tlsAllowedClient,
            peers: peers,
            isTerminal: platform_is_terminal(StandardStream.error.rawValue) == 1
        )
    }
}
