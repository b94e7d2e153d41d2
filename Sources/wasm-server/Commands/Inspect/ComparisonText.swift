// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import ModuleInspection

/// What has changed from one module to another, for a person to read.
struct ComparisonText {
    private let (old, new): (InspectedFile, InspectedFile)
    private let comparison: ModuleComparison
    private let top: Int
    private let layout: TextLayout

    /// What has changed from a file to another.
    init(from old: InspectedFile, to new: InspectedFile, top: Int, layout: TextLayout) {
        (self.old, self.new, self.top, self.layout) = (old, new, top, layout)
        comparison = ModuleComparison(from: old.inspection, to: new.inspection)
    }

    /// All of it, without a line feed at its end.
    var text: String {
        let words = new.inspection.ownerWords
        let owners = words.many.prefix(1).uppercased() + words.many.dropFirst()
        let parts = [
            summary,
            names("Imports", comparison.imports) { capability(of: $0) },
            names("Exports", comparison.exports) { _ in "" },
            changes("Sections", comparison.sections, unnamed: ""),
            changes(owners, comparison.owners, unnamed: "(no \(words.one))"),
            changes(functionsTitle, comparison.functions, unnamed: "(functions without a name)"),
        ]
        return parts.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
    }

    private var summary: [String] {
        guard old.digest != new.digest else {
            return [layout.heading("The same bytes: SHA-256 \(new.digest)")]
        }
        let (before, after) = (old.inspection.size, new.inspection.size)
        let growth = SizeText.growth(from: before, to: after).map { " (\($0))" } ?? ""
        let difference = before == after ? "the same size" : SizeText.difference(after - before) + growth
        var table = TextTable(.left, .left)
        table.add("old", old.name)
        table.add("new", new.name)
        for fact in comparison.facts { table.add(fact.subject, "\(fact.old) → \(fact.new)") }
        let sizes = "\(SizeText.human(before)) → \(SizeText.human(after)), \(difference)"
        return [layout.heading(sizes)] + table.lines(width: layout.width)
    }

    private var functionsTitle: String {
        let changes = comparison.functions
        let counts = [
            (changes.count { $0.old == nil }, "new"), (changes.count { $0.new == nil }, "gone"),
            (changes.count { $0.old != nil && $0.new != nil && $0.growth > 0 }, "larger"),
            (changes.count { $0.old != nil && $0.new != nil && $0.growth < 0 }, "smaller"),
        ]
        let words = counts.filter { $0.0 > 0 }.map { "\(SizeText.grouped($0.0)) \($0.1)" }
        return "Functions: " + words.joined(separator: ", ")
    }

    private func changes(_ title: String, _ changes: [ModuleComparison.Change], unnamed: String) -> [String] {
        guard !changes.isEmpty else { return [] }
        var table = TextTable(.right, .right, .left)
        for change in changes.prefix(top) {
            let sizes =
                switch (change.old, change.new) {
                case (nil, _): "new"
                case (_, nil): "gone"
                case (let old?, let new?): "\(SizeText.human(old)) → \(SizeText.human(new))"
                }
            table.add(SizeText.difference(change.growth), sizes, change.name ?? unnamed)
        }
        let rest = changes.dropFirst(top)
        if !rest.isEmpty {
            let growth = rest.reduce(0) { $0 + $1.growth }
            table.add(SizeText.difference(growth), "", "\(SizeText.grouped(rest.count)) more")
        }
        return [layout.heading(title)] + table.lines(width: layout.width)
    }

    private func names(_ title: String, _ names: ModuleComparison.Names, note: (String) -> String) -> [String] {
        var table = TextTable(.left, .left, .left)
        for (sign, list) in [("+", names.gained), ("-", names.lost)] {
            for name in list.prefix(top) { table.add(sign, name, note(name)) }
            if list.count > top { table.add(sign, "\(SizeText.grouped(list.count - top)) more", "") }
        }
        let lines = table.lines(width: layout.width)
        return lines.isEmpty ? [] : [layout.heading(title)] + lines
    }

    private func capability(of name: String) -> String {
        let uses = new.inspection.capabilities + old.inspection.capabilities
        return uses.first { $0.imports.contains(name) }?.capability.words ?? ""
    }
}
