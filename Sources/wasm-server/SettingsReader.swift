// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Logging
internal import ModuleCatalog
internal import Operations

/// Resolves settings: flags, then environment variables, then the file, then defaults.
///
/// Every value is text until it is parsed here, so that a bad one is told with the name under which it was given.
struct SettingsReader {
    private let flags: [Setting: [String]]
    private let variables: Variables
    private let file: [Setting: Given]

    /// A reader of what was given.
    ///
    /// - Parameters:
    ///   - flags: The values of the flags that were given.
    ///   - environment: The process's environment.
    ///   - file: What the configuration file sets.
    init(
        flags: [Setting: [String]],
        environment: [String: String],
        file: [Setting: Given] = [:]
    ) {
        self.flags = flags
        self.variables = Variables(environment)
        self.file = file
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
        let port = try value(.port, default: Self.defaultPort, parse: Self.port)
        let tls = try tls()
        let settings = Settings(
            sources: try sources(arguments: arguments, demo: demo),
            host: try value(.host, default: nil) { text in ListeningHost(text).map(\.address) },
            port: port,
            operationsPort: try value(.operationsPort, default: Self.defaultOperationsPort, parse: Self.port),
            tls: tls,
            peers: try peers(port: tls?.port ?? port),
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
            retain: try value(.retain, default: Self.defaultRetain, parse: Self.retention),
            retainedMemory: try value(.retainMemory, default: Self.defaultRetainedMemory, parse: Self.size),
            rehash: try value(.rehash, default: Self.defaultRehash, parse: Self.interval),
            drainDelay: try value(.drainDelay, default: Self.defaultDrainDelay, parse: Self.time),
            drainTimeout: try value(.drainTimeout, default: Self.defaultDrainTimeout, parse: Self.time),
            logLevel: try value(.logLevel, default: Self.defaultLogLevel, parse: Logger.Level.init(rawValue:)),
            logFormat: try value(.logFormat, default: isTerminal ? .text : .json, parse: LogFormat.init(rawValue:)),
            places: places(arguments: arguments, demo: demo),
            warnings: variables.warnings
        )
        try requireDifferentPorts(settings)
        guard settings.peers == nil || settings.retain > .zero else {
            throw CommandFailure(
                .configuration,
                """
                \(name(of: .peers)) says nothing with \(name(of: .retain)) 0: what siblings give is kept; \
                choose one of them
                """
            )
        }
        return settings
    }

    /// The format of the log, as far as it is known while other settings may be wrong.
    ///
    /// - Parameter isTerminal: Whether a person reads the log.
    /// - Returns: What is said of it, if that can be used; else the default.
    func logFormat(isTerminal: Bool) -> LogFormat {
        first(.logFormat)?.values.first.flatMap(LogFormat.init(rawValue:)) ?? (isTerminal ? .text : .json)
    }

    // MARK: What was given

    /// What was given for a setting, in the place that counts; nil for nothing.
    ///
    /// - Throws: ``CommandFailure`` if it is empty.
    func given(_ setting: Setting) throws(CommandFailure) -> Given? {
        let given = first(setting)
        try given?.requireSomething(allowed: setting.allowed)
        return given
    }

    private func first(_ setting: Setting) -> Given? {
        if let values = flags[setting] { return Given(values: values, place: .flag(setting.flag)) }
        return variables.given(setting) ?? file[setting]
    }

    /// A setting as it was given, or its flag.
    func name(of setting: Setting) -> String { first(setting)?.place.name ?? setting.flag }

    /// Where settings were given.
    private func places(arguments: [String], demo: Bool) -> [Setting: Place] {
        var places = Dictionary(
            uniqueKeysWithValues: Setting.allCases.compactMap { setting in first(setting).map { (setting, $0.place) } }
        )
        if demo || !arguments.isEmpty {
            places[.sources] = .flag("arguments")
        } else if variables.given(.sources) == nil, variables.hasPluginFile {
            places[.sources] = .variable(Variables.pluginFile)
        }
        return places
    }

    /// The value of a setting.
    ///
    /// - Parameters:
    ///   - setting: The setting.
    ///   - defaultValue: What it is if it was not given.
    ///   - parse: Makes a value of a text; nil if the text is none.
    /// - Returns: The value.
    /// - Throws: ``CommandFailure`` if what was given cannot be used.
    func value<Value>(
        _ setting: Setting,
        default defaultValue: Value,
        parse: (String) -> Value?
    ) throws(CommandFailure) -> Value {
        guard let given = try given(setting) else { return defaultValue }
        let text = given.values.joined(separator: " ")
        guard let value = parse(text) else {
            throw CommandFailure(given.place.status, "\(given.place.name) is '\(text)', and must be \(setting.allowed)")
        }
        return value
    }

    /// The values of a setting that takes a list.
    ///
    /// - Parameters:
    ///   - setting: The setting.
    ///   - parse: Makes a value of a text, or says why it cannot.
    /// - Returns: The values, in their order; none if the setting was not given.
    /// - Throws: ``CommandFailure`` for the first one that cannot be used.
    func list<Value, Failure: Error>(
        _ setting: Setting,
        parse: (String) throws(Failure) -> Value
    ) throws(CommandFailure) -> [Value] {
        guard let given = try given(setting) else { return [] }
        do {
            return try given.values.map(parse)
        } catch {
            throw CommandFailure(given.place.status, "\(given.place.name): \(error)")
        }
    }

    // MARK: Sources

    private func sources(arguments: [String], demo: Bool) throws(CommandFailure) -> [Source] {
        let embedded = demo ? [DemoPlugin.source] : []
        guard embedded.isEmpty && arguments.isEmpty else {
            guard !arguments.contains(where: { $0.allSatisfy(\.isWhitespace) }) else {
                throw CommandFailure(
                    .configuration,
                    "a source among the arguments is empty; name a file or a directory, or leave it out"
                )
            }
            return embedded + arguments.map(Source.path)
        }
        // Kuadrant's operator serves one file, of whatever name, as /plugin.wasm.
        if variables.given(.sources) == nil, let file = try variables.path(Variables.pluginFile) {
            return [.plugin(file: file)]
        }
        return try given(.sources)?.values.map(Source.path) ?? Self.defaultSources
    }

    private func requireDifferentPorts(_ settings: Settings) throws(CommandFailure) {
        let ports: [(Setting, Int)] = [
            (.port, settings.port), (.operationsPort, settings.operationsPort), (.tlsPort, settings.tls?.port ?? 0),
        ]
        for (index, (setting, port)) in ports.enumerated() where port != 0 {
            guard let other = ports[..<index].first(where: { $0.1 == port })?.0 else { continue }
            throw CommandFailure(
                .configuration,
                "\(name(of: other)) and \(name(of: setting)) are both \(port); choose two different ports"
            )
        }
    }
}
