// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// A core module: what it declares, once all of it has been decoded and validated.
///
/// Names stay in the binary, so that a module of a million imports takes little memory.
package struct CoreModule: Sendable {
    /// The place of a name in the binary.
    package struct Name: Sendable {
        let offset: UInt32
        let count: UInt32

        /// Where it is, in bytes from the start of the binary.
        package var range: Range<Int> { Int(offset)..<Int(offset) + Int(count) }
    }

    /// What is taken or given.
    package enum Kind: UInt8, Sendable {
        case function
        case table
        case memory
        case global
        case tag
    }

    /// What a module takes from its host (spec §2.5.11).
    package struct Import: Sendable {
        /// The name of the module that it is taken from.
        package let module: Name
        /// Its name there.
        package let name: Name
        /// What it has to be.
        package let kind: Kind
        /// Whether it is a memory or a table of 64 bits, or a shared memory.
        package let isWideOrShared: Bool
        let type: ItemType
    }

    /// What a module gives to its host (spec §2.5.10).
    package struct Export: Sendable {
        /// Its name.
        package let name: Name
        /// What it is.
        package let kind: Kind
        let type: ItemType
    }

    /// The type of what is taken or given, in four bytes.
    enum ItemType: Sendable {
        /// A function's, by its index.
        case function(Int32)
        /// A table's, by its index.
        case table(Int32)
        /// A global's.
        case value(ValueType)
        /// That of a memory or a tag.
        case other
    }

    /// The imports, in their order.
    package internal(set) var imports: ContiguousArray<Import> = []
    /// The exports, in their order; no two have one name.
    package internal(set) var exports: ContiguousArray<Export> = []
    /// The memories, imported ones first.
    package internal(set) var memories: ContiguousArray<MemoryLimits> = []
    /// The tables, imported ones first.
    package internal(set) var tables: ContiguousArray<TableType> = []
    /// The first active segment that lies outside of its memory or table as they begin; nil if none is known to.
    package internal(set) var misplacedSegment: MisplacedSegment?
    /// The function that is called when the module is instantiated.
    package internal(set) var start: Int?
    /// How many functions it has, imported ones too.
    package internal(set) var functionCount = 0
    /// What it uses beyond version 1.0.
    package internal(set) var features = FeatureSet()
    var types = TypeTable()

    /// The types of the values that cross an import: parameters and results, a global's value, a table's elements.
    package func valueTypes(of import: Import) -> [ValueType] { valueTypes(of: `import`.type) }

    /// The types of the values that cross an export: parameters and results, a global's value, a table's elements.
    package func valueTypes(of export: Export) -> [ValueType] { valueTypes(of: export.type) }

    private func valueTypes(of type: ItemType) -> [ValueType] {
        switch type {
        case .function(let index):
            guard let function = types.function(Int(index)) else { return [] }
            return [function.parameters.range, function.results.range].flatMap { types.pool[$0] }
        case .table(let index): return [tables[Int(index)].element]
        case .value(let type): return [type]
        case .other: return []
        }
    }

    /// The type of an imported table; nil if it is no table.
    package func tableType(of import: Import) -> TableType? { tableType(of: `import`.type) }

    /// The type of an exported table; nil if it is no table.
    package func tableType(of export: Export) -> TableType? { tableType(of: export.type) }

    private func tableType(of type: ItemType) -> TableType? {
        guard case .table(let index) = type else { return nil }
        return tables[Int(index)]
    }
}

/// The size of a memory (spec §2.3.12), in pages of 64 KiB.
package struct MemoryLimits: Hashable, Sendable {
    /// To begin with.
    package let minimum: UInt64
    /// At most; nil if the module sets no limit.
    package let maximum: UInt64?
}

/// The type of a table (spec §2.3.13), without what indexes it.
package struct TableType: Hashable, Sendable {
    /// What its elements are.
    package let element: ValueType
    /// How many elements it has to begin with.
    package let minimum: UInt64
    /// How many it may have; nil if the module sets no limit.
    package let maximum: UInt64?
}

/// The names that a section has had so far, by their places in the binary.
struct NameSet: Sendable {
    private var places: [Int: CoreModule.Name] = [:]

    /// Adds a name.
    ///
    /// - Returns: Whether it is new.
    mutating func insert(_ name: CoreModule.Name, of bytes: Span<UInt8>) -> Bool {
        var hasher = Hasher()
        for index in name.range { hasher.combine(bytes[index]) }
        var hash = hasher.finalize()
        while let other = places[hash] {
            if other.count == name.count, zip(other.range, name.range).allSatisfy({ bytes[$0] == bytes[$1] }) {
                return false
            }
            hash &+= 1
        }
        places[hash] = name
        return true
    }
}
