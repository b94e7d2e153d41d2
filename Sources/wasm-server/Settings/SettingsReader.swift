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
    /// What the process's variables say.
    let variables: Variables
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

    /// The format of the log, as far as it is known while other settings may be wrong.
    ///
    /// - Parameter isTerminal: Whether a person reads the log.
    /// - Returns: What is said of it, if that can be used; else the default.
    func logFormat(isTerminal: Bool) -> LogFormat {
        first(.logFormat)?.values.first.flatMap(LogFormat.init(rawValue:)) ?? (isTerminal ? .text : .json)
    }

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
    func places(arguments: [String], demo: Bool) -> [Setting: Place] {
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
}
