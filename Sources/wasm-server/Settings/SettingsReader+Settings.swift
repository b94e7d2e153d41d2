// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Logging
internal import ModuleCatalog
internal import Operations

extension SettingsReader {
    /// All settings.
    ///
    /// - Parameters:
    ///   - arguments: The sources that were given as arguments.
    ///   - demo: Whether the embedded plugin is a source.
    ///   - isTerminal: Whether a person reads the log.
    /// - Returns: What `serve` is told.
    /// - Throws: ``CommandFailure`` for the first value that cannot be used, or for what must not be ignored.
    func settings(arguments: [String], demo: Bool, isTerminal: Bool) throws(CommandFailure) -> Settings {
        try variables.requireNoneThatProtects()
        let port = try value(.port, default: Self.defaultPort, parse: Self.port)
        let tls = try tls()
        let settings = Settings(
            sources: try sources(arguments: arguments, demo: demo),
            host: try value(.host, default: nil) { text in ListeningHost(text).map(\.address) },
            port: port,
            operationsPort: try value(.operationsPort, default: Self.defaultOperationsPort, parse: Self.port),
            tls: tls,
            peers: try peers(port: tls?.port ?? port, tls),
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
            warnings: variables.warnings + shadowedPluginFile(arguments: arguments, demo: demo) + warnings(about: tls)
        )
        try requireDifferentPorts(settings)
        guard settings.peers == nil || settings.retain > .zero else {
            throw CommandFailure(
                .configuration,
                """
                \(name(of: .peers)) has no effect with \(name(of: .retain)) 0: what peers give is kept; \
                choose one of them
                """
            )
        }
        return settings
    }

    /// A warning that the file of one variable is not served, as another variable names sources.
    private func shadowedPluginFile(arguments: [String], demo: Bool) -> [String] {
        guard !demo, arguments.isEmpty, variables.given(.sources) != nil, variables.hasPluginFile else { return [] }
        return [
            """
            \(Variables.pluginFile) is ignored, as \(Setting.sources.variable) is given, too; leave one of them out, or \
            name the file in \(Setting.sources.variable)
            """
        ]
    }

    private func sources(arguments: [String], demo: Bool) throws(CommandFailure) -> [Source] {
        let sources = try namedSources(arguments: arguments, demo: demo)
        let most = Catalog.maximumSourceCount
        guard sources.count <= most else {
            let place = places(arguments: arguments, demo: demo)[.sources] ?? .flag("arguments")
            throw CommandFailure(
                place.status,
                "\(place.name): \(sources.count) sources are more than \(most); name the directory that they are in"
            )
        }
        return sources
    }

    private func namedSources(arguments: [String], demo: Bool) throws(CommandFailure) -> [Source] {
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
