// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Configuration
internal import HTTPTransport
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

    static let defaultPort = 8082
    static let defaultOperationsPort = 9082
    /// What gateways that start at once need many times over, in memory that a small container has.
    static let defaultMaximumConnections = ConnectionLimits().count
    /// How long Kubernetes may take to tell everyone that an endpoint is gone.
    static let defaultDrainDelay = Duration.seconds(5)
    static let defaultDrainTimeout = Duration.seconds(30)
    /// A day: as long as Envoy itself remembers a module that nobody uses (`wasm.cc`).
    static let defaultRetain = Duration.seconds(24 * 3600)
    static let defaultRetainedMemory = 256 << 20
    static let defaultRehash = Duration.seconds(600)
    static let defaultLogLevel = Logger.Level.info

    private static let largestSize = 2 << 30
    private static let mostConnections = 1_000_000
    private static let longestTime = Duration.seconds(3600)
    private static let year = Duration.seconds(8760 * 3600)
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
            let isPort = [Setting.port, .operationsPort, .tlsPort].map(\.variable).contains(name)
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
    ///   - clients: The clients that were given as flags.
    ///   - peers: The siblings that were given as flags.
    ///   - isTerminal: Whether a person reads the log.
    /// - Returns: What `serve` is told.
    /// - Throws: ``CommandFailure`` for the first value that cannot be used.
    func settings(
        arguments: [String],
        demo: Bool,
        clients: [String] = [],
        peers: [String] = [],
        isTerminal: Bool
    ) throws(CommandFailure) -> Settings {
        let port = try value(.port, default: Self.defaultPort, parse: Self.port)
        let tls = try tls(clients: clients)
        let settings = Settings(
            sources: try sources(arguments: arguments, demo: demo),
            host: try value(.host, default: nil, parse: Self.host),
            port: port,
            operationsPort: try value(.operationsPort, default: Self.defaultOperationsPort, parse: Self.port),
            tls: tls,
            peers: try self.peers(given: peers, port: tls?.port ?? port),
            maximumModuleSize: try value(
                .maximumModuleSize,
                default: Self.defaultMaximumModuleSize,
                parse: Self.size
            ),
            maximumConnections: try value(
                .maximumConnections,
                default: Self.defaultMaximumConnections,
                parse: Self.connections
            ),
            maximumConnectionsPerClient: try value(
                .maximumConnectionsPerClient,
                default: nil,
                parse: Self.connections
            ),
            retain: try value(.retain, default: Self.defaultRetain) { text in
                // A bare 24 is more likely meant in hours.
                text != "0" && text.allSatisfy(\.isNumber) ? nil : Self.time(text, of: .zero...Self.year)
            },
            retainedMemory: try value(.retainMemory, default: Self.defaultRetainedMemory, parse: Self.size),
            rehash: try value(.rehash, default: Self.defaultRehash) { Self.time($0, of: .seconds(1)...Self.year) },
            drainDelay: try value(.drainDelay, default: Self.defaultDrainDelay, parse: Self.time),
            drainTimeout: try value(.drainTimeout, default: Self.defaultDrainTimeout, parse: Self.time),
            logLevel: try value(.logLevel, default: Self.defaultLogLevel, parse: Logger.Level.init(rawValue:)),
            logFormat: try value(.logFormat, default: isTerminal ? .text : .json, parse: LogFormat.init(rawValue:))
        )
        try requireDifferentPorts(settings)
        guard settings.peers == nil || settings.retain > .zero else {
            throw CommandFailure(
                .configuration,
                "\(Setting.peers.flag) says nothing with \(Setting.retain.flag) 0: what siblings give is kept; choose one of them"
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

    static func port(_ text: String) -> Int? {
        number(text).flatMap { $0 <= UInt16.max ? $0 : nil }
    }

    private static func connections(_ text: String) -> Int? {
        number(text).flatMap { (1...mostConnections).contains($0) ? $0 : nil }
    }

    private static func number(_ text: String) -> Int? {
        text.utf8.allSatisfy { (48...57).contains($0) } ? Int(text) : nil
    }

    static func time(_ text: String) -> Duration? {
        time(text, of: .zero...longestTime)
    }

    private static func time(_ text: String, of range: ClosedRange<Duration>) -> Duration? {
        TimeSpan(text).flatMap { range.contains($0.duration) ? $0.duration : nil }
    }

    private static func size(_ text: String) -> Int? {
        ByteCount(text).flatMap { (1...largestSize).contains($0.bytes) ? $0.bytes : nil }
    }

    private func requireDifferentPorts(_ settings: Settings) throws(CommandFailure) {
        let ports: [(Setting, Int)] = [
            (.port, settings.port), (.operationsPort, settings.operationsPort), (.tlsPort, settings.tls?.port ?? 0),
        ]
        for (index, (setting, port)) in ports.enumerated() where port != 0 {
            guard let other = ports[..<index].first(where: { $0.1 == port })?.0 else { continue }
            throw CommandFailure(
                .configuration,
                "\(other.flag) and \(setting.flag) are both \(port); choose two different ports"
            )
        }
    }

    func value<Value>(
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

    /// The values of a setting that takes a list, and the name under which they were given.
    ///
    /// - Parameters:
    ///   - setting: The setting.
    ///   - flags: The values that were given as flags; if there are any, nothing else counts.
    ///   - parse: Makes a value of a text, or says why it cannot.
    /// - Returns: The values, in their order.
    /// - Throws: ``CommandFailure`` for the first one that cannot be used.
    func list<Value, Failure: Error>(
        _ setting: Setting,
        given flags: [String],
        parse: (String) throws(Failure) -> Value
    ) throws(CommandFailure) -> (values: [Value], name: String) {
        let (name, status) = flags.isEmpty ? giver(of: setting) : (setting.flag, .usage)
        let texts = flags.isEmpty ? reader.stringArray(forKey: ConfigKey(setting.key)) ?? [] : flags
        do {
            return (try texts.map(parse), name)
        } catch {
            throw CommandFailure(status, "\(name): \(error)")
        }
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
