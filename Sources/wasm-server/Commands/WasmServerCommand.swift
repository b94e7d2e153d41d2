// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ArgumentParser
internal import CPlatform
internal import Operations

/// `wasm-server`: the command line.
@main
struct WasmServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wasm-server",
        abstract: "The in-cluster source of the WebAssembly plugins that Envoy-based gateways load.",
        discussion: """
            Start here:  wasm-server serve --demo
            Then:        wasm-server serve ./plugin.wasm
            """,
        version: Version.line,
        subcommands: [
            ServeCommand.self, ConfigCommand.self, ProbeCommand.self, FleetCommand.self, CheckCommand.self,
            InspectCommand.self,
            DigestCommand.self,
        ]
    )

    /// Judges the words, parses them, and runs the command that they name.
    static func main() async {
        let words = Array(CommandLine.arguments.dropFirst())
        do {
            try judge(words)
            var command = try await asyncParseAsRoot(words)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let failure as CommandFailure {
            FailureReport(of: words).tell(failure)
            exit(withError: ExitCode(failure.status.rawValue))
        } catch let code as ExitCode {
            exit(withError: code)
        } catch {
            if exitCode(for: error) == .success { tell(fullMessage(for: error)) }
            guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
            let reason = message(for: error).split(separator: "\n").joined(separator: " ")
            FailureReport(of: words).tell(CommandFailure(.usage, "\(reason); `wasm-server --help` tells what there is"))
            exit(withError: ExitCode(ExitStatus.usage.rawValue))
        }
    }

    /// Tells what was asked for instead of a command's work, such as help, and ends the process.
    private static func tell(_ text: String) -> Never {
        StandardStream.output.print(text)
        do throws(CommandFailure) {
            try StandardStream.output.requireWritten()
        } catch {
            FailureReport(format: .text).tell(error)
            exit(withError: ExitCode(error.status.rawValue))
        }
        exit(withError: nil)
    }

    /// Judges words by what the command takes that they name, and only if they are wrong by what every command takes, as the parser
    /// is slow to tell that.
    ///
    /// - Throws: ``CommandFailure``.
    static func judge(_ words: [String]) throws(CommandFailure) {
        // Health checks say no more than that.
        guard words != ["probe"] else { return }
        if let named = configuration.subcommands.first(where: { $0.configuration.commandName == words.first }),
            let command = named == ServeCommand.self ? .serve : CommandVocabulary.of(named)
        {
            let alone = CommandVocabulary(commandName: "wasm-server", arguments: nil, subcommands: [command])
            if (try? CommandLineCheck(alone).require(words)) != nil { return }
        }
        guard let vocabulary = CommandVocabulary.of(self) else { return }
        try CommandLineCheck(vocabulary).require(words)
    }
}
