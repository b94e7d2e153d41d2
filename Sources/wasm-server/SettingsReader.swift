// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Configuration
internal import Logging
internal import ModuleCatalog
internal import Operations

/// Resolves settings: flags, then environment variables, then the file, then defaults.
///
/// Every value is read as text and parsed here, so that a bad one is told with the name under which it was given.
struct SettingsReader {
    /// Where Kuadrant's operator mounts its plugin (`wasm_server.go`).
    static let defaultSources = [Source.plugin(file: "/wasm/plugin.wasm")]
    /// Envoy takes at most 32 MiB from a remote source, istio-agent and Envoy Gateway 256 MiB.
    static let defaultMaximumModuleSize = 256 << 20

    private static let largestModuleSize = 2 << 30
    /// What Kubernetes puts into `WASM_SERVER_PORT` of every pod beside a Service named `wasm-server`.
    private static let serviceLinkPrefixes = ["tcp://", "udp://", "sctp://"]

    private let flags: InMemoryProvider
    private let environment: KeyMappingProvider<EnvironmentVariablesProvider>
    private let file: FileProvider<YAMLSnapshot>?
    private let fileName: String
    private let reader: ConfigReader

    /// A reader of what was given.
    ///
    /// - Parameters:
    ///   - flags: The flags that were given, as text.
    ///   - environment: The process's environment.
    ///   - file: The configuration file, and its name.
    init(
        flags: [Setting: String],
        environment: [String: String],
        file: (name: String, provider: FileProvider<YAMLSnapshot>)? = nil
    ) {
        let given = flags.map { (AbsoluteConfigKey([$0.key]), ConfigValue(.string($1), isSecret: false)) }
        self.flags = InMemoryProvider(name: "flags", values: Dictionary(given) { first, _ in first })
        let variables = environment.filter { name, value in
            let isPort = [Setting.port, .operationsPort].map(\.variable).contains(name)
            return !isPort || !Self.serviceLinkPrefixes.contains(where: value.hasPrefix)
        }
        self.environment = EnvironmentVariablesProvider(environmentVariables: variables)
            .prefixKeys(with: "wasm.server")
        self.file = file?.provider
        fileName = file?.name ?? ""
        let providers: [(any ConfigProvider)?] = [self.flags, self.environment, self.file]
        reader = ConfigReader(providers: providers.compactMap(\.self))
    }

    /// All settings.
    ///
    /// - Parameters:
    ///   - arguments: The sources that were given as arguments.
    ///   - demo: Whether the embedded plugin is a source.
    ///   - isTerminal: Whether a person reads the log.
    /// - Returns: What `serve` is told.
    /// - Throws: ``CommandFailure`` for the first value that cannot be used.
    func settings(arguments: [String], demo: Bool, isTerminal: Bool) throws(CommandFailure) -> Settings {
        let settings = Settings(
            sources: try sources(arguments: arguments, demo: demo),
            host: try value(.host, default: nil, parse: Self.host),
            port: try value(.port, default: 8082, parse: Self.port),
            operationsPort: try value(.operationsPort, default: 9082, parse: Self.port),
            maximumModuleSize: try value(.maximumModuleSize, default: Self.defaultMaximumModuleSize) {
                ByteCount($0).flatMap { (1...Self.largestModuleSize).contains($0.bytes) ? $0.bytes : nil }
            },
            logLevel: try value(.logLevel, default: .info, parse: Logger.Level.init(rawValue:)),
            logFormat: try value(.logFormat, default: isTerminal ? .text : .json, parse: LogFormat.init(rawValue:))
        )
        guard settings.port == 0 || settings.port != settings.operationsPort else {
            throw CommandFailure(
                .configuration,
                "the data port and the operations port are both \(settings.port); choose two (--port, --operations-port)"
            )
        }
        return settings
    }

    /// A host; the brackets that an IPv6 address has in a URL are taken off.
    private static func host(_ text: String) -> String? {
        let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
        let host = isBracketed ? String(text.dropFirst().dropLast()) : text
        return host.isEmpty ? nil : host
    }

    private static func port(_ text: String) -> Int? {
        guard text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return UInt16(text).map(Int.init)
    }

    private func value<Value>(
        _ setting: Setting,
        default defaultValue: Value,
        parse: (String) -> Value?
    ) throws(CommandFailure) -> Value {
        guard let text = reader.string(forKey: ConfigKey(setting.key)) else { return defaultValue }
        guard let value = parse(text) else {
            let (name, status) = giver(of: setting)
            throw CommandFailure(status, "\(name) is '\(text)', and must be \(setting.allowed)")
        }
        return value
    }

    /// The name under which a setting was given, and how the command ends if its value is wrong.
    private func giver(of setting: Setting) -> (name: String, status: ExitStatus) {
        let key = ConfigKey(setting.key)
        if ConfigReader(provider: flags).string(forKey: key) != nil { return (setting.flag, .usage) }
        if ConfigReader(provider: environment).string(forKey: key) != nil { return (setting.variable, .configuration) }
        return ("\(fileName): '\(setting.key)'", .configuration)
    }

    private func sources(arguments: [String], demo: Bool) throws(CommandFailure) -> [Source] {
        let embedded = demo ? [DemoPlugin.source] : []
        let named = arguments.map(Source.path)
        guard embedded.isEmpty && named.isEmpty else { return embedded + named }
        let variables = ConfigReader(provider: environment)
        if let listed = variables.stringArray(forKey: ConfigKey(Setting.sources.key)) {
            guard !listed.contains(where: \.isEmpty) else { throw Self.empty(Setting.sources.variable) }
            return listed.map(Source.path)
        }
        // Kuadrant's operator serves one file, of whatever name, as /plugin.wasm.
        if let file = variables.string(forKey: "file-path") {
            guard !file.isEmpty else { throw Self.empty("WASM_SERVER_FILE_PATH") }
            return [.plugin(file: file)]
        }
        if let listed = file.flatMap({ ConfigReader(provider: $0).stringArray(forKey: ConfigKey(Setting.sources.key)) })
        {
            guard !listed.isEmpty else { throw Self.empty("\(fileName): 'sources'") }
            return listed.map(Source.path)
        }
        return Self.defaultSources
    }

    private static func empty(_ name: String) -> CommandFailure {
        CommandFailure(.configuration, "\(name) is empty; name a file or a directory, or leave it out")
    }
}
