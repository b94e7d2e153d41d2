// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ArgumentParser
internal import ModuleCatalog

/// `wasm-server digest`: what `sha256sum` prints.
struct DigestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "digest",
        abstract: "Print the SHA-256 of files, in the format of sha256sum."
    )

    /// What `sha256sum` takes for its standard input.
    private static let standardInput = "-"

    @Argument(help: "The files; - is standard input.", completion: .file())
    var files: [String]

    func run() async throws {
        try await CommandFailure.reporting { () throws(CommandFailure) in
            var failures: [CommandFailure] = []
            for file in files {
                do throws(CommandFailure) {
                    StandardStream.output.print(try Self.line(for: file))
                } catch {
                    failures.append(error)
                }
            }
            if !failures.isEmpty { throw CommandFailure(failures) }
        }
    }

    /// A line of `sha256sum`: a name with a backslash or a line feed is escaped, and the line says so by a backslash at
    /// its start.
    static func line(for file: String) throws(CommandFailure) -> String {
        do {
            let digest = file == standardInput ? try FileDigest.ofStandardInput() : try FileDigest.of(file)
            let escaped = file.unicodeScalars.reduce(into: "") { escaped, scalar in
                switch scalar {
                case "\\": escaped += "\\\\"
                case "\n": escaped += "\\n"
                case "\r": escaped += "\\r"
                default: escaped.unicodeScalars.append(scalar)
                }
            }
            return "\(escaped == file ? "" : "\\")\(digest)  \(escaped)"
        } catch {
            throw CommandFailure(error)
        }
    }
}
