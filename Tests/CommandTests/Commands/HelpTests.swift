// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import ArgumentParser
import Testing

@testable import wasm_server

@Suite("The help of every command")
struct HelpTests {
    /// How wide a terminal is that nobody has made larger.
    private static let width = 80

    private static let commands: [any ParsableCommand.Type] =
        [WasmServerCommand.self] + WasmServerCommand.configuration.subcommands

    @Test("fits into a terminal of 80 columns, and no paragraph is torn there")
    func width() {
        for command in Self.commands {
            let help = WasmServerCommand.helpMessage(for: command, columns: Self.width)
            let lines = help.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            #expect(lines.count > 10)
            for line in lines { #expect(line.count <= Self.width, "\(line)") }
            for (line, next) in zip(lines, lines.dropFirst()) where continues(line, in: next) {
                let word = next.split(separator: " ").first ?? ""
                // The parser leaves the last column empty, but for the last line of a paragraph.
                #expect(line.count + 1 + word.count >= Self.width, "torn: \(line)\n\(next)")
            }
        }
    }

    /// Whether the next line belongs to the same paragraph.
    private func continues(_ line: String, in next: String) -> Bool {
        // Examples, and words in columns, stand as they are.
        let isSet = [line, next].contains { $0.hasPrefix("    wasm-server") || $0.hasPrefix("Then: ") }
        guard !line.isEmpty, !next.isEmpty, !isSet, !line.hasSuffix("\\") else { return false }
        return indentation(of: next) == textColumn(of: line)
    }

    private func indentation(of line: String) -> Int { line.prefix { $0 == " " }.count }

    /// Where the text of a line begins: behind a flag, where one stands before it.
    private func textColumn(of line: String) -> Int {
        let indentation = indentation(of: line)
        guard indentation == 2, let gap = line.dropFirst(2).firstRange(of: "  ") else { return indentation }
        return line.count - line[gap.lowerBound...].drop { $0 == " " }.count
    }
}
