// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ArgumentParser

/// The flags of all settings that have one, declared to the parser from the table of settings.
///
/// The parser finds what a command takes by looking at its properties; this type shows it one for each setting.
struct SettingFlags: ParsableArguments, CustomReflectable {
    /// The settings that are flags.
    private static let settings = Setting.allCases.filter { $0 != .sources }

    /// What was given.
    private(set) var values: [Setting: [String]] = [:]

    /// No flags.
    init() {}

    /// The flags that were parsed.
    init(from decoder: any Decoder) throws {
        let words = try decoder.container(keyedBy: Setting.self)
        for setting in Self.settings {
            if setting.declaration.isList {
                let list = try words.decode(Option<[String]>.self, forKey: setting).wrappedValue
                if !list.isEmpty { values[setting] = list }
            } else {
                values[setting] = try words.decode(Option<String?>.self, forKey: setting).wrappedValue.map { [$0] }
            }
        }
    }

    /// The properties that the parser is shown.
    var customMirror: Mirror {
        Mirror(self, children: Self.settings.map { (label: $0.key, value: Self.option($0)) })
    }

    private static func option(_ setting: Setting) -> Any {
        let declaration = setting.declaration
        let (name, completion) = (NameSpecification.customLong(setting.key), declaration.completion)
        return declaration.isList
            ? Option<[String]>(wrappedValue: [], name: name, help: declaration.help, completion: completion) as Any
            : Option<String?>(name: name, help: declaration.help, completion: completion)
    }
}
