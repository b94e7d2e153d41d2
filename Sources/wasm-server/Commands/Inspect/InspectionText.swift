// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import ModuleInspection
internal import WasmBinary

/// What is in a module, for a person to read.
struct InspectionText {
    private let file: InspectedFile
    private let top: Int
    private let layout: TextLayout
    private var module: ModuleInspection { file.inspection }

    /// How wide the bar of the largest is, in characters.
    private static let barWidth = 12

    /// The account of a file.
    init(of file: InspectedFile, top: Int, layout: TextLayout) {
        (self.file, self.top, self.layout) = (file, top, layout)
    }

    /// All of it, without a line feed at its end.
    var text: String {
        let parts = [
            summary, sections, owners, functions, data, capabilities, callbacks, others, remarks,
        ]
        return parts.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
    }

    // MARK: - What it is

    private var summary: [String] {
        var table = TextTable(.left, .left)
        table.add("ABI", module.abiText)
        table.add("made with", module.toolchain.text)
        if let name = module.name, !name.isEmpty { table.add("calls itself", name) }
        for memory in module.memories {
            let size = memory.minimumBytes.flatMap { Int(exactly: $0) }.map { "\(SizeText.human($0)): " } ?? ""
            table.add("memory", size + memory.text)
        }
        if !module.features.isEmpty {
            table.add("WebAssembly", "1.0, " + module.features.map(\.words).joined(separator: ", "))
        }
        if let start = module.start { table.add("runs first", start) }
        table.add("SHA-256", "\(file.digest)")
        let bytes = SizeText.count(module.size, "byte")
        let size = module.size < 1000 ? bytes : "\(SizeText.human(module.size)) (\(bytes))"
        return [layout.heading("\(file.name): \(size)")] + table.lines(width: layout.width)
    }

    // MARK: - What takes the room

    private var sections: [String] {
        var table = TextTable(.right, .right, .left, .left, .left)
        let shown = module.sections.sorted { $0.size > $1.size }
        let largest = shown.first?.size ?? 0
        for section in shown.prefix(top) {
            addSize(section.size, of: largest, section.label, note(on: section), to: &table)
        }
        addRest(shown.dropFirst(top).map(\.size), "section", to: &table)
        return list("Sections", table)
    }

    private func note(on section: SectionSize) -> String {
        switch section.kind {
        case .code: SizeText.count(module.functions.count, "function")
        case .data: SizeText.count(module.data.count, "segment")
        case .import: SizeText.count(module.capabilities.reduce(0) { $0 + $1.imports.count }, "import")
        case .custom where section.count > 1: SizeText.count(section.count, "section")
        case .custom where section.name == "name": "for stack traces"
        default: ""
        }
    }

    private var owners: [String] {
        guard module.owners.contains(where: { $0.name != nil }) else { return [] }
        var table = TextTable(.right, .right, .left, .left, .left)
        let words = module.ownerWords
        let largest = module.owners.first?.size ?? 0
        for owner in module.owners.prefix(top) {
            let count = SizeText.count(owner.count, "function")
            addSize(owner.size, of: largest, owner.name ?? "(no \(words.one))", count, to: &table)
        }
        addRest(module.owners.dropFirst(top).map(\.size), words.one, words.many, to: &table)
        return list("Code by \(words.one)", table)
    }

    private var functions: [String] {
        guard !module.functions.isEmpty else { return [] }
        var table = TextTable(.right, .right, .left, .left)
        let sorted = module.functions.sorted { ($1.size, $0.index) < ($0.size, $1.index) }
        let largest = sorted.first?.size ?? 0
        for function in sorted.prefix(top) { addSize(function.size, of: largest, function.label, to: &table) }
        addRest(sorted.dropFirst(top).map(\.size), "function", to: &table)
        let count = SizeText.grouped(module.functions.count)
        return list(sorted.count > top ? "The \(top) largest of \(count) functions" : "Functions", table)
    }

    private var data: [String] {
        guard module.data.contains(where: { $0.size > 0 }) else { return [] }
        // Functions are what a person can change; of data a third as many tell what there is.
        let most = max(top / 3, 1)
        var table = TextTable(.right, .right, .left, .left)
        let sorted = module.data.sorted { ($1.size, $0.index) < ($0.size, $1.index) }
        let largest = sorted.first?.size ?? 0
        for segment in sorted.prefix(most) {
            addSize(segment.size, of: largest, segment.name ?? "segment \(segment.index)", to: &table)
        }
        addRest(sorted.dropFirst(most).map(\.size), "segment", to: &table)
        let count = SizeText.grouped(sorted.count)
        return list(sorted.count > most ? "The \(most) largest of \(count) data segments" : "Data segments", table)
    }

    /// Adds a row: a size, its share of the file, a bar beside that of the largest, a name and perhaps a note.
    private func addSize(
        _ size: Int,
        of largest: Int,
        _ name: String,
        _ note: String? = nil,
        to table: inout TextTable
    ) {
        let (human, share) = (SizeText.human(size), SizeText.share(size, of: module.size))
        let bar = layout.bar(largest == 0 ? 0 : Double(size) / Double(largest), width: Self.barWidth)
        if let note {
            table.add(human, share, bar, name.shortened(to: max(layout.width - 56, 20)), note)
        } else {
            table.add(human, share, bar, name)
        }
    }

    private func addRest(_ sizes: [Int], _ one: String, _ many: String? = nil, to table: inout TextTable) {
        guard !sizes.isEmpty else { return }
        let words = sizes.count == 1 ? "1 more \(one)" : "\(SizeText.grouped(sizes.count)) more \(many ?? "\(one)s")"
        let sum = sizes.reduce(0, +)
        table.add(SizeText.human(sum), SizeText.share(sum, of: module.size), "", words)
    }

    // MARK: - What it does

    private var capabilities: [String] {
        var table = TextTable(.left, .left)
        for use in module.capabilities {
            let shown = use.imports.prefix(top).map { use.capability == .unknown ? $0 : $0.withoutModule }
            let more = use.imports.count - shown.count
            let rest = more > 0 ? ", \(SizeText.grouped(more)) more" : ""
            for (index, line) in wrapped(shown.joined(separator: ", ") + rest).enumerated() {
                table.add(index == 0 ? use.capability.words : "", line)
            }
        }
        return list("What it may do (by its imports)", table)
    }

    private var callbacks: [String] {
        var table = TextTable(.left, .left)
        for callback in module.callbacks.prefix(max(top, 50)) { table.add(callback.meaning, callback.name) }
        return list("What it is called for (by its exports)", table)
    }

    private var others: [String] {
        guard !module.otherExports.isEmpty else { return [] }
        let names = module.otherExports.prefix(top).map { $0.kind == "function" ? $0.name : "\($0.name) (\($0.kind))" }
        let more = module.otherExports.count - names.count
        let all = names.joined(separator: ", ") + (more > 0 ? ", \(SizeText.grouped(more)) more" : "")
        return [layout.heading("Other exports")] + wrapped(all).map { "  \($0.printable)" }
    }

    private var remarks: [String] {
        let remarks = module.advice.map { $0.printable }
        return remarks.isEmpty ? [] : [layout.heading("Remarks")] + remarks.map { "  - \($0)" }
    }

    private func list(_ title: String, _ table: TextTable) -> [String] {
        let lines = table.lines(width: layout.width)
        return lines.isEmpty ? [] : [layout.heading(title)] + lines
    }

    /// Names in lines that fit beside a column.
    private func wrapped(_ names: String) -> [String] {
        var lines: [String] = []
        for name in names.split(separator: " ") {
            if let last = lines.last, last.count + name.count < max(layout.width - 40, 40) {
                lines[lines.count - 1] += " \(name)"
            } else {
                lines.append(String(name))
            }
        }
        return lines
    }
}

extension String {
    /// The name of an import without that of the module that every plugin takes it from.
    fileprivate var withoutModule: String {
        split(separator: ".", maxSplits: 1).dropFirst().first.map(String.init) ?? self
    }
}
