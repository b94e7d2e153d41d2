// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import GatewayConfiguration

/// One walk along the words behind a command.
struct CommandLineScan {
    private let command: CommandVocabulary
    private var words: ArraySlice<String>
    /// The values of each flag so far; nil for a flag that takes none.
    private var given: [String: [String?]] = [:]
    private var positionals: [String] = []

    /// A walk that has not begun.
    init(command: CommandVocabulary, words: ArraySlice<String>) {
        self.command = command
        self.words = words
    }

    /// Walks to the end; `unknown` makes the failure for a word that is not a flag of the command.
    mutating func run(_ unknown: (FlagWord) -> CommandFailure) throws(CommandFailure) {
        while let word = words.popFirst() {
            guard word != "--" else {
                positionals += words
                break
            }
            guard let flag = FlagWord(word) else {
                positionals.append(word)
                continue
            }
            guard flag.isWellFormed, let argument = command.argument("--\(flag.name)") else { throw unknown(flag) }
            try take(flag, argument)
        }
        try requirePositionals()
        for argument in command.arguments ?? [] where !argument.isOptional {
            guard let flag = argument.flag, given[flag] == nil else { continue }
            throw CommandFailure(
                .usage,
                "\(flag) is missing; add \(flag) \(argument.placeholder)\(Self.choice(argument))"
            )
        }
    }

    private mutating func take(_ word: FlagWord, _ argument: CommandVocabulary.Argument) throws(CommandFailure) {
        let flag = "--\(word.name)"
        if argument.kind == .flag {
            guard word.value == nil else {
                throw CommandFailure(.usage, "\(flag) takes no value; leave '\(word.assignment)' out")
            }
            try note(nil, for: flag, argument)
            return
        }
        if let value = word.value {
            try note(value, for: flag, argument)
            return
        }
        guard let value = words.first else {
            throw CommandFailure(.usage, "\(flag) has no value; write \(flag) \(argument.placeholder)")
        }
        guard FlagWord(value) == nil else {
            throw CommandFailure(
                .usage,
                "\(flag) has no value, as '\(value)' begins with a dash; write \(flag) \(argument.placeholder), or \(flag)=\(value) if that is meant"
            )
        }
        words.removeFirst()
        try note(value, for: flag, argument)
    }

    private mutating func note(_ value: String?, for flag: String, _ argument: CommandVocabulary.Argument)
        throws(CommandFailure)
    {
        if let earlier = given[flag], !argument.isRepeating {
            let values = (earlier + [value]).compactMap { $0 }.map { "'\($0)'" }.joined(separator: " and ")
            let both = values.isEmpty ? "" : ", as \(values)"
            throw CommandFailure(.usage, "\(flag) is given twice\(both); leave one of them out")
        }
        if let value {
            let allowed = Setting(rawValue: String(flag.dropFirst(2)))?.declaration.allowed ?? argument.placeholder
            try Given(values: [value], place: .flag(flag)).requireSomething(allowed: allowed)
            if let choices = argument.allValues { try require(value, for: flag, argument.isRepeating, among: choices) }
        }
        given[flag, default: []].append(value)
    }

    /// Requires that a value is one of the choices, or, where a flag may be given again, a list of them with commas.
    private func require(_ value: String, for flag: String, _ isList: Bool, among choices: [String])
        throws(CommandFailure)
    {
        let values = isList ? value.split(separator: ",", omittingEmptySubsequences: false).map(String.init) : [value]
        guard let wrong = values.first(where: { !choices.contains($0) }) else { return }
        let words = Gateway.hint(for: wrong, among: choices) ?? ChoiceHint(for: wrong, among: choices).words
        let hint = words.map { "; \($0)" } ?? ""
        throw CommandFailure(
            .usage,
            "\(flag) is '\(wrong)', and must be one of \(choices.joined(separator: ", "))\(hint)"
        )
    }

    private func requirePositionals() throws(CommandFailure) {
        let places = command.positionals
        if let missing = places.dropFirst(positionals.count).first(where: { !$0.isOptional }) {
            throw CommandFailure(
                .usage,
                """
                '\(command.commandName)' requires \(missing.placeholder); name \(missing.isRepeating ? "them" : "it") behind the \
                command
                """
            )
        }
        guard !positionals.contains(where: { $0.allSatisfy(\.isWhitespace) }) else {
            throw CommandFailure(
                .configuration,
                "an argument of '\(command.commandName)' is empty; give it a value, or leave it out"
            )
        }
        guard places.last?.isRepeating != true, positionals.count > places.count else { return }
        let extra = positionals[places.count]
        let allowed = places.isEmpty ? "no words but flags" : places.map(\.placeholder).joined(separator: " ")
        throw CommandFailure(
            .usage,
            "'\(extra)' is one word too many: '\(command.commandName)' takes \(allowed); leave it out"
        )
    }

    private static func choice(_ argument: CommandVocabulary.Argument) -> String {
        argument.allValues.map { ", one of \($0.joined(separator: ", "))" } ?? ""
    }
}
