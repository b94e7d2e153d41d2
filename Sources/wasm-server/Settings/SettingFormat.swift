// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ArgumentParser
internal import Logging

/// How the values of a setting are written, and what they may be.
struct SettingFormat<Value>: Sendable {
    /// What a value is called where one is to be given: `<port>`.
    let valueName: String
    /// What a value may be, in words that follow "must be".
    let allowed: String
    /// What a value may be, or how several are given, as `--help` says it.
    let rule: String
    /// Whether it takes a list of values.
    var isList = false
    /// What a shell offers for a value.
    var completion = CompletionKind.default
    /// The value that was given.
    let read: @Sendable (Given) throws(CommandFailure) -> Value
    /// A value as people write it.
    var text: @Sendable (Value) -> String = { "\($0)" }
    /// A value as the log has it; nil for none.
    var logged: @Sendable (Value) -> Logger.MetadataValue? = { "\($0)" }

    /// The same, or nothing.
    var optional: SettingFormat<Value?> {
        SettingFormat<Value?>(
            valueName: valueName,
            allowed: allowed,
            rule: rule,
            isList: isList,
            completion: completion,
            read: read,
            text: { [text] in $0.map(text) ?? "" },
            logged: { [logged] in $0.flatMap(logged) }
        )
    }
}

extension SettingFormat {
    /// A format of one value.
    ///
    /// - Parameters:
    ///   - valueName: What it is called.
    ///   - allowed: What it may be.
    ///   - choices: The texts that it may be, if they are few.
    ///   - parse: Makes it of a text; nil if the text is none.
    init(
        _ valueName: String,
        _ allowed: String,
        choices: [String] = [],
        parse: @escaping @Sendable (String) -> Value?
    ) {
        self.init(valueName: valueName, allowed: allowed, rule: "Must be \(allowed).") {
            given throws(CommandFailure) in
            let text = given.values.joined(separator: " ")
            guard let value = parse(text) else {
                let hint = ChoiceHint(for: text, among: choices).words.map { "; \($0)" } ?? ""
                throw CommandFailure(
                    given.place.status,
                    "\(given.place.name) is '\(text)', and must be \(allowed)\(hint)"
                )
            }
            return value
        }
    }

    /// A list of values, in their order.
    ///
    /// - Parameters:
    ///   - valueName: What one of them is called.
    ///   - allowed: What the list may be.
    ///   - completion: What a shell offers for one of them.
    ///   - parse: Makes one of a text, or says why it cannot.
    /// - Returns: The format.
    static func list<Element>(
        of valueName: String,
        _ allowed: String,
        completion: CompletionKind = .default,
        parse: @escaping @Sendable (String) throws -> Element
    ) -> Self where Value == [Element] {
        Self(
            valueName: valueName,
            allowed: allowed,
            rule: "Repeatable; in a variable separated by commas, in a file as a list.",
            isList: true,
            completion: completion,
            read: { given throws(CommandFailure) in
                do {
                    return try given.values.map(parse)
                } catch {
                    throw CommandFailure(given.place.status, "\(given.place.name): \(error)")
                }
            },
            logged: { .array($0.map { "\($0)" }) }
        )
    }

    /// One of the values that a type has, by name.
    static func choice(of valueName: String) -> Self
    where Value: CaseIterable & RawRepresentable & Sendable, Value.RawValue == String {
        let names = Value.allCases.map(\.rawValue)
        var format = Self(valueName, "one of \(names.joined(separator: ", "))", parse: { Value(rawValue: $0) })
        format.completion = .list(names)
        format.text = \.rawValue
        format.logged = { .string($0.rawValue) }
        return format
    }
}
