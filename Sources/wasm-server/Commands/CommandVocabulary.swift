// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ArgumentParser
internal import Content

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A command and what it takes, as the program's own parser tells it.
struct CommandVocabulary: Decodable {
    /// A flag with a value or without, or a word that is none.
    struct Argument: Hashable, Decodable {
        enum Kind: String, Decodable {
            case flag
            case option
            case positional
        }

        /// A name of a flag.
        struct Name: Hashable, Decodable {
            let kind: String
            let name: String
        }

        let kind: Kind
        let isOptional: Bool
        let isRepeating: Bool
        let valueName: String?
        let names: [Name]?
        let allValues: [String]?
        let shouldDisplay: Bool

        /// The flag as it is written; nil for a word that is none.
        var flag: String? { names?.first { $0.kind == "long" }.map { "--\($0.name)" } }

        /// The value's place in a sentence.
        var placeholder: String { "<\(valueName ?? "value")>" }
    }

    private struct Dump: Decodable {
        let command: CommandVocabulary
    }

    /// What every command takes without telling.
    private static let builtIn = [
        "--help", "--help-hidden", "--generate-completion-script", "--experimental-dump-help",
    ]

    let commandName: String
    let arguments: [Argument]?
    let subcommands: [CommandVocabulary]?

    /// The words of a command and of those below it; nil if the parser tells something else than it used to.
    static func of(_ command: any ParsableCommand.Type) -> CommandVocabulary? {
        do {
            _ = try command.parseAsRoot(["--experimental-dump-help"])
            return nil
        } catch {
            let text = command.message(for: error)
            return try? JSONDecoder().decode(Dump.self, from: Data(text.utf8)).command
        }
    }

    /// What stands without a flag, in order.
    var positionals: [Argument] { (arguments ?? []).filter { $0.kind == .positional } }

    /// The commands below that a person may want.
    var commands: [CommandVocabulary] { subcommands ?? [] }

    /// The names of flags that a person may want.
    var flags: [String] { (arguments ?? []).filter(\.shouldDisplay).compactMap(\.flag) }

    /// The argument that a flag is, if the command has it.
    func argument(_ flag: String) -> Argument? { (arguments ?? []).first { $0.flag == flag } }

    /// Whether a word asks for something else than that the command does its work.
    func isRequest(_ word: String) -> Bool {
        word == "-h" || word == "--version" || Self.builtIn.contains(where: { word == $0 || word.hasPrefix("\($0)=") })
    }

    /// The flags that a word, without dashes and value, may have been meant as, the nearest first.
    func flags(near word: String) -> [String] {
        let names = flags.map { String($0.dropFirst(2)) }
        let hyphens = word.split(separator: "_").joined(separator: "-").lowercased()
        if hyphens.count == 1 { return names.filter { $0.hasPrefix(hyphens) }.prefix(3).map { "--\($0)" } }
        return EditDistance.near(hyphens, among: names).map { "--\($0)" }
    }
}
