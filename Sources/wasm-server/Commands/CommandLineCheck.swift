// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ServerClient

/// Judges the words of a command line before they are parsed.
///
/// The parser takes much for something else than it was meant as: a word with one dash for so many flags of one letter, `-h` for
/// help among them; the second of two values for the one that counts. What it rejects, it rejects in words of its own. So all of
/// that is told here, in one way: what is wrong, the reason, and what to write.
struct CommandLineCheck {
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
        let others = root.commands.filter {
            $0.argument("--\(word.name)") != nil && $0.commandName != command.commandName
        }
        if let other = others.first?.commandName {
            let remedy = isRoot ? "write it behind the command: `\(name) \(other) --\(word.name)`" : "leave it out"
            return CommandFailure(.usage, "--\(word.name) is not a flag of '\(name)' but of '\(other)'; \(remedy)")
        }
        let remedy =
            near.isEmpty ? "`\(name) --help` names them all" : "did you mean \(near.joined(separator: " or "))?"
        return CommandFailure(.usage, "'\(word.text)' is not a flag of '\(name)'; \(remedy)")
    }
}
