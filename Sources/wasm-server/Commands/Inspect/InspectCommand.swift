// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ArgumentParser
internal import Content
internal import ModuleCatalog
internal import ModuleInspection
internal import ProxyWasm
internal import WasmBinary

/// `wasm-server inspect`: what is in a plugin, or what has changed from one build of it to another.
struct InspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Tell what is in a plugin: what takes the room, what it may do, what made it.",
        discussion: """
            With one file it tells what takes the room in it, by sections, crates or packages, and functions with their \
            names as they are in the program; what the plugin may do, by what it imports; what it is called for, by what \
            it exports. With two files it tells what has changed from the older to the newer one:

                wasm-server inspect plugin.wasm
                wasm-server inspect before.wasm after.wasm

            It exits with 0 if the files are WebAssembly modules, with 65 if one is none, and with 66 if one cannot be \
            read. It judges nothing. Scripts read what --output json prints; its members are described in \
            docs/schemas/inspect.schema.json.
            """
    )

    /// What stands for standard input.
    private static let standardInput = "-"

    @Argument(help: "The module; - is standard input.", completion: .file())
    var file: String

    @Argument(help: "A newer build of it, to see what has changed.", completion: .file())
    var newer: String?

    @Option(help: ArgumentHelp("How many functions, and of all other lists as many, are told.", valueName: "number"))
    var top: Int = 15

    @Option(help: ArgumentHelp("text, or json: one document.", valueName: "format"))
    var output: Format = .text

    /// How it is written.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
    }

    func run() async throws {
        try await CommandFailure.reporting { () throws(CommandFailure) in
            guard top > 0 else { throw CommandFailure(.usage, "--top is '\(top)', and must be 1 or more") }
            guard file != Self.standardInput || newer != Self.standardInput else {
                throw CommandFailure(.usage, "both files are standard input, which is read once; name one of them")
            }
            let subject = try Self.subject(file)
            guard let newer else {
                return StandardStream.output.print(
                    output == .json
                        ? InspectionDocument(of: subject, top: top).json
                        : InspectionText(of: subject, top: top, layout: .ofOutput).text
                )
            }
            let other = try Self.subject(newer)
            StandardStream.output.print(
                output == .json
                    ? ComparisonDocument(from: subject, to: other, top: top).json
                    : ComparisonText(from: subject, to: other, top: top, layout: .ofOutput).text
            )
        }
    }

    private static func subject(_ file: String) throws(CommandFailure) -> InspectedFile {
        let bytes: [UInt8]
        do throws(CatalogError) {
            bytes =
                file == standardInput
                ? try FileContents.ofStandardInput(most: FetchLimit.agents)
                : try FileContents.of(file, most: FetchLimit.agents)
        } catch {
            throw CommandFailure(error)
        }
        do throws(Diagnosis) {
            let inspection = try ModuleInspection(of: bytes.span)
            var hasher = DigestHasher()
            hasher.update(bytes.span)
            return InspectedFile(name: file, digest: hasher.digest, inspection: inspection)
        } catch {
            throw CommandFailure(.dataError, "\(file): \(error.reason); \(error.remedy)")
        }
    }
}

/// A module that a person has named.
struct InspectedFile {
    /// Its path, or `-`.
    let name: String
    /// The SHA-256 of its bytes.
    let digest: Digest
    /// What is in it.
    let inspection: ModuleInspection
}
