// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

@testable internal import wasm_server

extension FuzzTarget {
    /// The words of a command line, a line each: what is rejected is rejected with a remedy, and nothing else is empty or there twice.
    static let commandLine = FuzzTarget("command-line") { (text: String) in
        let words = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        do throws(CommandFailure) {
            try CommandLineCheck(root).require(words)
        } catch {
            require([.usage, .configuration].contains(error.status), "\(error.status) for \(error.message)")
            require(error.message.contains("; ") || error.message.contains("must be"), "\(error.message) has a remedy")
            return
        }
        let isRequest = words.contains { root.isRequest($0) || $0 == "help" || $0.hasPrefix("---") }
        guard words.first == "serve", !isRequest, !words.contains("--") else { return }
        let flags = words.compactMap(FlagWord.init)
        require(flags.allSatisfy(\.isWellFormed), "every flag has two dashes")
        let single = flags.filter { Setting(rawValue: $0.name)?.declaration.isList != true }.map(\.name)
        require(Set(single).count == single.count, "no flag is duplicated")
    }

    private static let root = CommandVocabulary(
        commandName: "wasm-server",
        arguments: nil,
        subcommands: [CommandVocabulary.of(ServeCommand.self)].compactMap(\.self)
    )
}
