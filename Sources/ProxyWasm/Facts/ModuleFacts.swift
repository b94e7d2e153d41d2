// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import WasmBinary

/// What rules ask of a module: a few kilobytes, however much it has of anything.
package struct ModuleFacts: Hashable, Sendable {
    /// In bytes.
    package let size: Int
    /// How many bytes the sections of each kind have as their content; a kind that is not there is missing.
    package let sectionSizes: [Section.Kind: Int]
    /// What the custom sections say that concern hosts.
    package let customSections: CustomSections
    /// What it takes from its host.
    package let imports: ImportList
    /// What it gives to its host, as far as hosts look for it.
    package let exports: ExportList
    /// Its memories, imported ones too.
    package let memories: MemoryFacts
    /// Whether a function is called when an instance is made.
    let hasStartFunction: Bool
    /// Where the first name of an import or export is that ends with a zero byte, in bytes from the start of the binary.
    let zeroEndedName: Int?
    /// The first import or export of a type that hosts do not know; nil if there is none.
    let unknownItem: UnknownItem?

    /// The facts of a module; fails if the bytes are no valid core module.
    package init(of bytes: Span<UInt8>) throws(Diagnosis) {
        var sizes: [Section.Kind: Int] = [:]
        var customSections = CustomSections()
        let module: CoreModule
        do throws(WasmBinaryError) {
            module = try CoreModule(decoding: bytes) { section in
                sizes[section.kind, default: 0] += section.content.count
                customSections.add(section, of: bytes)
            }
        } catch {
            throw Diagnosis(of: bytes, error)
        }
        (size, sectionSizes, self.customSections) = (bytes.count, sizes, customSections)
        exports = ExportList(of: module, bytes)
        imports = ImportList(of: module, bytes, claiming: exports.abi)
        memories = MemoryFacts(of: module)
        hasStartFunction = module.start != nil
        let names = module.imports.lazy.flatMap { [$0.module.range, $0.name.range] }
        zeroEndedName =
            (names.first { Self.endsWithZero($0, bytes) }
            ?? module.exports.lazy.map(\.name.range).first { Self.endsWithZero($0, bytes) })?.lowerBound
        unknownItem = UnknownItem(in: module)
    }

    private static func endsWithZero(_ name: Range<Int>, _ bytes: Span<UInt8>) -> Bool {
        !name.isEmpty && bytes[name.upperBound - 1] == 0
    }

    /// The version of the ABI that it claims; nil if it claims none that hosts know.
    package var abi: ABIVersion? { exports.abi }
}

/// The memories and tables of a module, as far as hosts have limits for them.
package struct MemoryFacts: Hashable, Sendable {
    /// How many memories it takes from its host.
    let importedCount: Int
    /// How many tables it takes from its host.
    let importedTableCount: Int
    /// Where the first of them is that has 64 bits or is shared, in bytes from the start of the binary; nil if none is.
    let wideOrSharedImport: Int?
    /// The largest that one of them has to begin with, in pages of 64 KiB; nil if there is no memory.
    package let largestMinimum: UInt64?
    /// How many elements its tables have together to begin with.
    let tableElementCount: UInt64
    /// The first table that hosts cannot give or take; nil if there is none.
    let unfitTable: UnfitTable?
    /// The first active segment that lies outside of its memory or table; nil if none is known to.
    let misplacedSegment: MisplacedSegment?
    /// Whether it exports or imports a memory: no other can be read and written by its host.
    let isReachedByHosts: Bool
    /// Whether it takes functions from its host, most of which read or write its memory.
    let importsFunctions: Bool

    init(of module: CoreModule) {
        importedCount = module.imports.count { $0.kind == .memory }
        importedTableCount = module.imports.count { $0.kind == .table }
        wideOrSharedImport = module.imports.first { $0.isWideOrShared }?.module.range.lowerBound
        largestMinimum = module.memories.map(\.minimum).max()
        // A hundred thousand tables of ten million elements each are the most that a module may have.
        tableElementCount = module.tables.reduce(0) { $0 + $1.minimum }
        unfitTable = UnfitTable(in: module)
        misplacedSegment = module.misplacedSegment
        isReachedByHosts = importedCount > 0 || module.exports.contains { $0.kind == .memory }
        importsFunctions = module.imports.contains { $0.kind == .function }
    }
}

/// An imported or exported table that hosts cannot give or take.
struct UnfitTable: Hashable, Sendable {
    /// What it is, in words that follow "it" or a module's name.
    let words: String
    /// Where its name is, in bytes from the start of the binary.
    let offset: Int

    /// The first of a module; nil if there is none.
    init?(in module: CoreModule) {
        for item in module.imports {
            guard let words = module.tableType(of: item).flatMap(Self.words(ofImported:)) else { continue }
            (self.words, offset) = (words, item.module.range.lowerBound)
            return
        }
        for item in module.exports {
            guard let maximum = module.tableType(of: item)?.maximum, maximum > HostProfile.exportedTableElements else {
                continue
            }
            words = "exports a table of at most \(maximum) elements, \(Self.fatal)"
            offset = item.name.range.lowerBound
            return
        }
        return nil
    }

    private static let fatal = "and more than \(HostProfile.exportedTableElements) end every Envoy that loads it"

    private static func words(ofImported table: TableType) -> String? {
        let maximum = table.maximum ?? 0
        if maximum > HostProfile.exportedTableElements {
            return "imports a table of at most \(maximum) elements, \(fatal)"
        }
        let most = HostProfile.importedTableElements
        if maximum > most { return "imports a table of at most \(maximum) elements, and hosts give it \(most)" }
        return table.element.isNullable
            ? nil : "imports a table of the type \(table.element), and hosts give it only such as may be null"
    }
}

/// An import or export that is a tag or has values of types that hosts do not know.
struct UnknownItem: Hashable, Sendable {
    /// What and where it is, in words that follow "its".
    let words: String
    /// Where its name is, in bytes from the start of the binary.
    let offset: Int

    /// The first of a module; nil if there is none.
    init?(in module: CoreModule) {
        // A million functions may have one type, of a thousand values.
        var known: Set<Int> = []
        for (index, item) in module.imports.enumerated() {
            if let type = module.typeIndex(of: item), !known.insert(type).inserted { continue }
            guard let words = Self.words(item.kind, module.valueTypes(of: item)) else { continue }
            (self.words, offset) = ("import \(index) is \(words)", item.module.range.lowerBound)
            return
        }
        for (index, item) in module.exports.enumerated() {
            if let type = module.typeIndex(of: item), !known.insert(type).inserted { continue }
            guard let words = Self.words(item.kind, module.valueTypes(of: item)) else { continue }
            (self.words, offset) = ("export \(index) is \(words)", item.name.range.lowerBound)
            return
        }
        return nil
    }

    private static func words(_ kind: CoreModule.Kind, _ types: [ValueType]) -> String? {
        if kind == .tag { return "a tag of exceptions" }
        return types.first { !$0.isKnownToHosts }.map { "a \(kind) of the type \($0)" }
    }
}
