// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ArgumentParser

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// `wasm-server serve`: verify everything, then serve it.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Validate WebAssembly modules, then serve them and their SHA-256 to gateways.",
        discussion: """
            Every setting can be given as a flag (--log-level debug), as a variable (WASM_SERVER_LOG_LEVEL=debug) or in \
            a YAML file (log-level: debug); the first of these that gives it wins. WASM_SERVER_FILE_PATH names one file \
            that is served as /plugin.wasm, as it does for Kuadrant; without any source it is /wasm/plugin.wasm.

            Sources may change at any time: the server looks at them each second, and at once on SIGHUP.

            On SIGTERM the server reports that it is not ready, goes on for --drain-delay while that gets around, then \
            finishes the downloads under way and ends with 0; a second SIGTERM ends it at once.
            """
    )

    @Argument(help: Setting.sources.help, completion: Setting.sources.completion)
    var source: [String] = []

    @Flag(help: "Serve the embedded demo plugin as /plugin.wasm.")
    var demo = false

    @Flag(help: "Validate the configuration and every module, print the result, and exit.")
    var check = false

    @Option(
        help: ArgumentHelp("A YAML file with settings, or WASM_SERVER_CONFIG. (default: no file)", valueName: "file"),
        completion: .file()
    )
    var config: String?

    @Option(help: Setting.host.help)
    var host: String?

    @Option(help: Setting.port.help)
    var port: String?

    @Option(help: Setting.operationsPort.help)
    var operationsPort: String?

    @Option(help: Setting.tlsCertificate.help, completion: Setting.tlsCertificate.completion)
    var tlsCertificate: String?

    @Option(help: Setting.tlsKey.help, completion: Setting.tlsKey.completion)
    var tlsKey: String?

    @Option(help: Setting.tlsClientCA.help, completion: Setting.tlsClientCA.completion)
    var tlsClientCA: String?

    @Option(help: Setting.tlsAllowedClient.help)
    var tlsAllowedClient: [String] = []

    @Option(help: Setting.tlsPeersCA.help, completion: Setting.tlsPeersCA.completion)
    var tlsPeersCA: String?

    @Option(help: Setting.tlsPort.help)
    var tlsPort: String?

    @Option(help: Setting.peers.help)
    var peers: [String] = []

    @Option(help: Setting.adoptTimeout.help)
    var adoptTimeout: String?

    @Option(help: Setting.maximumModuleSize.help)
    var maxModuleSize: String?

    @Option(help: Setting.maximumConnections.help)
    var maxConnections: String?

    @Option(help: Setting.maximumConnectionsPerClient.help)
    var maxConnectionsPerClient: String?

    @Option(help: Setting.retain.help)
    var retain: String?

    @Option(help: Setting.retainMemory.help)
    var retainMemory: String?

    @Option(help: Setting.rehash.help)
    var rehash: String?

    @Option(help: Setting.drainDelay.help)
    var drainDelay: String?

    @Option(help: Setting.drainTimeout.help)
    var drainTimeout: String?

    @Option(help: Setting.logLevel.help, completion: Setting.logLevel.completion)
    var logLevel: String?

    @Option(help: Setting.logFormat.help, completion: Setting.logFormat.completion)
    var logFormat: String?

    private var flags: [Setting: [String]] {
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
        let lists: [Setting: [String]] = [.tlsAllowedClient: tlsAllowedClient, .peers: peers].filter { !$1.isEmpty }
        return given.compactMapValues { $0.map { [$0] } }.merging(lists) { one, _ in one }
    }

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        // What --check says is for whoever started it.
        let isRead = check || StandardStream.error.isTerminal
        let given = SettingsReader(flags: flags, environment: environment)
        let file = try await FailureReport(format: given.logFormat(isTerminal: isRead)).reporting {
            () throws(CommandFailure) in try ConfigurationFile.entries(named: config, Variables(environment))
        }
        let reader = SettingsReader(flags: flags, environment: environment, file: file)
        try await FailureReport(format: reader.logFormat(isTerminal: isRead)).reporting { () throws(CommandFailure) in
            let settings = try reader.settings(arguments: source, demo: demo, isTerminal: isRead)
            if check {
                try ModuleCheck.run(settings)
            } else {
                try await ServerProcess(settings).run()
            }
        }
    }
}
