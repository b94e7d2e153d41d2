// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ModuleCatalog
internal import Operations

/// Resolves settings: flags, then environment variables, then the file, then defaults.
///
/// Every value is text until it is parsed here, so that an error has the name under which a bad one was given.
struct SettingsReader {
    private let flags: [Setting: [String]]
    private let variables: Variables
    private let file: [Setting: Given]

    /// A reader of the flags and the sources among the arguments, the environment, and the configuration file.
    init(
        flags: [Setting: [String]],
        environment: [String: String],
        file: [Setting: Given] = [:]
    ) {
        self.flags = flags
        self.variables = Variables(environment)
        self.file = file
    }

    /// The format of the log that was chosen, if that can be used, while other settings may be wrong; else the default.
    func logFormat(isTerminal: Bool) -> LogFormat {
        given(.logFormat)?.values.first.flatMap(LogFormat.init(rawValue:)) ?? Self.logFormat(isTerminal)
    }

    /// All settings; an error for the first value that cannot be used, or that must not be ignored.
    ///
    /// The demo makes the embedded plugin a source; a person reads the log of a terminal.
    func settings(demo: Bool, isTerminal: Bool) throws(CommandFailure) -> Settings {
        try variables.requireNoneThatProtects()
        var settings = Settings()
        settings.logFormat = Self.logFormat(isTerminal)
        for setting in Setting.allCases where setting != .sources { try read(setting, into: &settings) }
        try readSources(into: &settings, demo: demo)
        try settings.requireConsistent()
        settings.warnings = variables.warnings + (demo ? [] : shadowedPluginFile) + settings.remarks
        return settings
    }

    private static func logFormat(_ isTerminal: Bool) -> LogFormat { isTerminal ? .text : .json }

    /// What was given for a setting, in the place that counts; nil for nothing.
    private func given(_ setting: Setting) -> Given? {
        if let values = flags[setting] { return Given(values: values, place: .flag(setting.flag)) }
        return variables.given(setting) ?? file[setting]
    }

    private func read(_ setting: Setting, into settings: inout Settings) throws(CommandFailure) {
        guard let given = given(setting) else { return }
        let declaration = setting.declaration
        try given.requireSomething(allowed: declaration.allowed)
        try declaration.read(given, &settings)
        settings.places[setting] = given.place
    }

    private func readSources(into settings: inout Settings, demo: Bool) throws(CommandFailure) {
        let hasArguments = flags[.sources] != nil
        if demo, !hasArguments {
            settings.sources = []
            settings.places[.sources] = .flag(Setting.sources.flag)
        } else if !hasArguments, variables.given(.sources) == nil, let file = try variables.path(Variables.pluginFile) {
            // Kuadrant's operator serves one file, of whatever name, as /plugin.wasm.
            settings.sources = [.plugin(file: file)]
            settings.places[.sources] = .variable(Variables.pluginFile)
        } else {
            try read(.sources, into: &settings)
        }
        if demo { settings.sources.insert(.demo, at: 0) }
    }

    /// A warning that the file of one variable is not served, as another variable names sources.
    private var shadowedPluginFile: [String] {
        guard flags[.sources] == nil, variables.given(.sources) != nil, variables.hasPluginFile else { return [] }
        return [
            """
            \(Variables.pluginFile) is ignored, as \(Setting.sources.variable) is given, too; leave one of them out, or \
            name the file in \(Setting.sources.variable)
            """
        ]
    }
}

extension Source {
    /// The plugin of `--demo`, built from `Examples/response-header` and embedded in the program.
    ///
    /// It adds a response header, and is served where a gateway looks for its plugin.
    static let demo = Source.embedded(.plugin, PackageResources.plugin_wasm)
}
