// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// Judges the words of a command line before they are parsed.
///
/// The parser misreads much: it takes a word with one dash for so many flags of one letter, `-h` for help among them,
/// and lets the second of two values count. What it rejects, it rejects in words of its own. So all of these are
/// reported here, in one way: what is wrong, the reason, and what to write.
struct CommandLineCheck {
    /// Flags that ask one thing by two names, of which each command has but one where it has no use for the other.
    private static let counterparts = ["--for": "--host-profile", "--host-profile": "--for"]

    private let root: CommandVocabulary

    /// A check of a program's words.
    init(_ root: CommandVocabulary) {
        self.root = root
    }

    /// Requires that words are such as the program takes.
    ///
    /// - Throws: ``CommandFailure``.
    func require(_ words: [String]) throws(CommandFailure) {
        // Shells ask for completions by three dashes.
        guard let first = words.first, !first.hasPrefix("---") else { return }
        if let word = FlagWord(first) {
            guard !root.isRequest(first) else { return }
            throw unknown(word, of: root)
        }
        let command = try command(first)
        let rest = words.dropFirst()
        guard command.commandName != "help" else {
            for word in rest where FlagWord(word) == nil { _ = try self.command(word) }
            return
        }
        guard !rest.prefix(while: { $0 != "--" }).contains(where: command.isRequest) else { return }
        var scan = CommandLineScan(command: command, words: rest)
        try scan.run { word in unknown(word, of: command) }
    }

    private func command(_ name: String) throws(CommandFailure) -> CommandVocabulary {
        if let command = root.commands.first(where: { $0.commandName == name }) { return command }
        let names = root.commands.map(\.commandName)
        let program = root.commandName
        if let flag = root.argument("--\(name)")?.flag {
            throw CommandFailure(.usage, "'\(name)' is not a command but a flag; write `\(program) \(flag)`")
        }
        if name.hasSuffix(".wasm") || name.contains("/") {
            throw CommandFailure(.usage, "'\(name)' is not a command; to serve it, write `\(program) serve \(name)`")
        }
        let near = EditDistance.near(name, among: names).first.map { "did you mean '\($0)'? The" } ?? "the"
        throw CommandFailure(
            .usage,
            "'\(name)' is not a command; \(near) commands are \(names.joined(separator: ", "))"
        )
    }

    private func unknown(_ word: FlagWord, of command: CommandVocabulary) -> CommandFailure {
        let near = command.flags(near: word.name)
        let isRoot = command.commandName == root.commandName
        let name = isRoot ? root.commandName : "\(root.commandName) \(command.commandName)"
        if let exact = near.first, exact == "--\(word.name)" || (near.count == 1 && word.name.count == 1) {
            return CommandFailure(.usage, "'\(word.text)' \(word.fault); write \(exact)\(word.assignment)")
        }
        let place = command.positionals.first { $0.valueName == word.name && $0.shouldDisplay }
        if let place, word.isWellFormed {
            let remedy = "write \(place.placeholder) by itself: `\(name) \(word.value ?? place.placeholder)`"
            return CommandFailure(.usage, "--\(word.name) is not a flag of '\(name)'; \(remedy)")
        }
        let others = root.commands.filter {
            $0.argument("--\(word.name)") != nil && $0.commandName != command.commandName
        }
        if let other = others.first?.commandName {
            let owners = others.map { "'\($0.commandName)'" }.listed
            let counterpart = Self.counterparts["--\(word.name)"].flatMap { command.argument($0)?.flag }
            let remedy =
                isRoot
                ? "write it behind the command: `\(name) \(other) --\(word.name)`"
                : counterpart.map { "write \($0)\(word.assignment)" } ?? "leave it out"
            return CommandFailure(.usage, "--\(word.name) is not a flag of '\(name)' but of \(owners); \(remedy)")
        }
        let remedy =
            near.isEmpty ? "`\(name) --help` names them all" : "did you mean \(near.joined(separator: " or "))?"
        return CommandFailure(.usage, "'\(word.text)' is not a flag of '\(name)'; \(remedy)")
    }
}

/// A word that is a flag, or was meant as one: it begins with a dash.
struct FlagWord {
    /// Dashes that editors and web pages put in place of hyphens.
    private static let strangeDashes: Set<Unicode.Scalar> = [
        "\u{2010}", "\u{2011}", "\u{2012}", "\u{2013}", "\u{2014}", "\u{2015}", "\u{2212}", "\u{fe58}", "\u{fe63}",
        "\u{ff0d}",
    ]

    /// The whole word.
    let text: String
    /// What follows the dashes, up to an equals sign.
    let name: String
    /// What follows the equals sign; nil if there is none.
    let value: String?
    /// Whether it begins with exactly two hyphens.
    let isWellFormed: Bool

    /// The word, if it begins with a dash and is more than that.
    init?(_ text: String) {
        let scalars = text.unicodeScalars
        let dashes = scalars.prefix { $0 == "-" || Self.strangeDashes.contains($0) }
        guard !dashes.isEmpty, dashes.count < scalars.count else { return nil }
        let parts = scalars.dropFirst(dashes.count).split(
            separator: "=",
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        self.text = text
        name = String(parts[0])
        value = parts.count > 1 ? String(parts[1]) : nil
        isWellFormed = dashes.elementsEqual(["-", "-"])
    }

    /// The value as it stands behind the flag.
    var assignment: String { value.map { "=\($0)" } ?? "" }

    /// What is wrong with its dashes, in words that follow it.
    var fault: String {
        let dashes = text.unicodeScalars.prefix { $0 == "-" || Self.strangeDashes.contains($0) }
        if let strange = dashes.first(where: { $0 != "-" }) {
            let digits = String(strange.value, radix: 16, uppercase: true)
            return "begins with another dash than the keyboard's (U+\(digits))"
        }
        return "begins with \(dashes.count == 1 ? "one dash" : "\(dashes.count) dashes"), and flags begin with two"
    }
}
