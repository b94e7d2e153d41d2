// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ArgumentParser
internal import Logging

/// What is declared of a setting, without the type of its values.
struct SettingDeclaration: Sendable {
    /// What a value may be, in words that follow "must be".
    let allowed: String
    /// Whether it takes a list of values.
    let isList: Bool
    /// The group that must be in use for it to matter.
    private let group: Setting.Group
    /// Whether it protects the server, or decides who is served: to go on without it could be to let everyone in.
    let isProtecting: Bool
    /// What `--help` says of the flag, and the documentation of the setting: what it is for, its default, and what it may be.
    let help: ArgumentHelp
    /// What a shell offers for its value.
    let completion: CompletionKind

    /// Sets the field to what was given, if that can be used.
    let read: @Sendable (Given, inout Settings) throws(CommandFailure) -> Void
    private let log: @Sendable (Settings) -> Logger.MetadataValue?
    private let write: @Sendable (Settings) -> String

    /// A setting with values of one type.
    ///
    /// - Parameters:
    ///   - purpose: What it is for.
    ///   - path: The field that it sets.
    ///   - format: How its values are written.
    ///   - defaultText: What it is if it is not given; by default, the field's value in `Settings()`.
    ///   - rule: What a value may be, or how several are given; by default, as the format says.
    ///   - group: What must be in use for it to matter.
    ///   - isProtecting: Whether it protects the server; by default, whether it is about TLS.
    init<Value>(
        _ purpose: String,
        _ path: any WritableKeyPath<Settings, Value> & Sendable,
        _ format: SettingFormat<Value>,
        default defaultText: String? = nil,
        rule: String? = nil,
        group: Setting.Group = .server,
        isProtecting: Bool? = nil
    ) {
        allowed = format.allowed
        isList = format.isList
        completion = format.completion
        self.group = group
        self.isProtecting = isProtecting ?? (group == .tls)
        help = ArgumentHelp(
            "\(purpose) (default: \(defaultText ?? format.text(Settings()[keyPath: path])))",
            discussion: rule ?? format.rule,
            valueName: format.valueName
        )
        read = { given, settings throws(CommandFailure) in settings[keyPath: path] = try format.read(given) }
        log = { settings in format.logged(settings[keyPath: path]) }
        write = { settings in format.text(settings[keyPath: path]) }
    }

    /// A setting that may be off, and is unless it is given.
    init<Value>(
        _ purpose: String,
        _ path: any WritableKeyPath<Settings, Value?> & Sendable,
        _ format: SettingFormat<Value>,
        default defaultText: String,
        group: Setting.Group = .server,
        isProtecting: Bool? = nil
    ) {
        self.init(purpose, path, format.optional, default: defaultText, group: group, isProtecting: isProtecting)
    }

    /// The value as people write it; nil for one that is off.
    func text(of settings: Settings) -> String? {
        switch log(settings) {
        case nil: nil
        case .array(let elements)?: elements.isEmpty ? nil : elements.map { "\($0)" }.joined(separator: ", ")
        case _?: write(settings)
        }
    }

    /// The value as JSON has it: bytes and times are numbers; nil for one that is off.
    func logged(of settings: Settings) -> Logger.MetadataValue? {
        settings.uses(group) ? log(settings) : nil
    }
}
