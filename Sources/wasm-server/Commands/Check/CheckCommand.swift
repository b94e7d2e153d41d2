// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ArgumentParser
internal import ModuleCatalog
internal import ProxyWasm

/// `wasm-server check`: what proxies would do with modules that are not served yet.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Tell whether proxies would load modules, and if not, why, and what to do.",
        usage: "wasm-server check [<options>] <files> ...",
        discussion: """
            It judges as `serve` does, before anything is served: in a plugin's pipeline, or before a rollout.

                wasm-server check plugin.wasm
                wasm-server check --for envoy-1.36,envoy-1.40 --strict modules

            It exits with 0 if every module is admitted, with 1 if one is rejected, and with 66 if a file cannot be \
            judged. For pipelines --output prints github (annotations), sarif (2.1.0, for code scanning) or json, whose \
            members are described in docs/schemas/check.schema.json. What each rule demands is in docs/plugin-ci.md.
            """
    )

    @Argument(
        help: ArgumentHelp("Modules, or directories with modules below them; - is standard input.", valueName: "files"),
        completion: .file()
    )
    var words: [String]

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp(
            "Whom they are for: hosts, divided by commas; all of them; or wasm, whether it is valid WebAssembly. (default: \(HostProfile.newest))",
            valueName: "hosts"
        ),
        completion: .list(HostChoice.allValueStrings)
    )
    var choices: [HostChoice] = []

    @Flag(help: "Take warnings for errors.")
    var strict = false

    @Option(help: ArgumentHelp("text, json, sarif or github.", valueName: "format"))
    var output: CheckFormat = .text

    func run() async throws {
        try await CommandFailure.reporting { () throws(CommandFailure) in
            guard words.count(where: { $0 == CheckedFile.standardInput }) < 2 else {
                throw CommandFailure(.usage, "- is named twice, and standard input is read once; leave one of them out")
            }
            let check = Check(
                hosts: try HostChoice.hosts(in: choices.isEmpty ? [.newest] : choices),
                isStrict: strict
            )
            var files: [CheckedFile] = []
            for word in words {
                check.run(on: word) { file in
                    for line in output.lines(of: file) { StandardStream.output.print(line) }
                    files.append(file)
                }
            }
            if let document = output.document(of: files, version: Version.current) {
                StandardStream.output.print(document)
            }
            try StandardStream.output.requireWritten()
            try output.require(files)
        }
    }
}

/// What `check` prints.
enum CheckFormat: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
    case sarif
    case github

    /// What is told of a file as soon as it is checked.
    func lines(of file: CheckedFile) -> [String] {
        switch self {
        case .text: CheckText(of: file).lines
        case .github: WorkflowCommand.all(for: file).map(\.line)
        case .json, .sarif: []
        }
    }

    /// What is told of all files at the end; nil if nothing is.
    func document(of files: [CheckedFile], version: String) -> String? {
        switch self {
        case .text: nil
        case .github: WorkflowCommand.summary(of: files)
        case .json: JSONDocument.text(of: CheckDocument(of: files))
        case .sarif: JSONDocument.text(of: SARIFLog(of: files, version: version))
        }
    }

    /// Requires that every file was judged, and is admitted.
    ///
    /// - Throws: ``CommandFailure``, with what could not be judged unless the format has told that in a way of its own.
    func require(_ files: [CheckedFile]) throws(CommandFailure) {
        let unreadable = files.compactMap(\.failure)
        if let first = unreadable.first {
            throw self == .github ? CommandFailure(told: first.status) : CommandFailure(unreadable)
        }
        if files.contains(where: \.isRejected) { throw CommandFailure(told: .rejected) }
    }
}
