// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import ProxyWasm
import Testing

@Suite("docs/plugin-ci.md")
struct RulesPageTests {
    /// The cells of the rows of a table whose first cell is code, by the table's first heading.
    private func rows(of heading: String) throws -> [[String]] {
        let root = URL(filePath: #filePath).appending(path: "../../../../..").standardized
        let page = try String(contentsOf: root.appending(path: "docs/plugin-ci.md"), encoding: .utf8)
        let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.drop { !$0.hasPrefix("| \(heading) |") }.prefix { $0.hasPrefix("|") }.dropFirst(2)
            .map { line in line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } }
    }

    @Test("has every rule in its order, with what it demands, what a proxy says, and a remedy")
    func rules() throws {
        let rows = try rows(of: "rule")
        #expect(rows.map { $0.first } == AdmissionPolicy.demands.map { "`\($0.rule)`" })
        #expect(rows.map { $0.dropFirst().first } == AdmissionPolicy.demands.map(\.demand))
        #expect(rows.allSatisfy { $0.count == 4 && !$0.contains("") })
    }

    @Test("has every host")
    func hosts() throws {
        #expect(try rows(of: "host").map { $0.first } == HostProfile.all.map { "`\($0.name)`" })
    }
}
