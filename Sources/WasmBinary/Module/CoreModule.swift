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
        /// The index of a function's type; 0 for anything else.
        let type: Int32
    }

    /// What a module gives to its host (spec §2.5.10).
    package struct Export: Sendable {
        /// Its name.
        package let name: Name
        /// What it is.
        package let kind: Kind
        /// The index of a function's type; 0 for anything else.
        let type: Int32
    }

    /// The imports, in their order.
    package internal(set) var imports: ContiguousArray<Import> = []
    /// The exports, in their order; no two have one name.
    package internal(set) var exports: ContiguousArray<Export> = []
    /// The memories, imported ones first.
    package internal(set) var memories: ContiguousArray<MemoryLimits> = []
    /// The function that is called when the module is instantiated.
    package internal(set) var start: Int?
    /// How many functions it has, imported ones too.
    package internal(set) var functionCount = 0
    /// What it uses beyond version 1.0.
    package internal(set) var features = FeatureSet()
    var types = TypeTable()

    /// The type of an imported function; nil for anything else.
    package func signature(of import: Import) -> FunctionSignature? {
        `import`.kind == .function ? signature(Int(`import`.type)) : nil
    }

    /// The type of an exported function; nil for anything else.
    package func signature(of export: Export) -> FunctionSignature? {
        export.kind == .function ? signature(Int(export.type)) : nil
    }

    private func signature(_ type: Int) -> FunctionSignature? {
        types.function(type).map { function in
            FunctionSignature(Array(types.pool[function.parameters.range]), Array(types.pool[function.results.range]))
        }
    }
}

/// The type of a function, in words.
package struct FunctionSignature: Hashable, Sendable, CustomStringConvertible {
    /// What it takes.
    package let parameters: [ValueType]
    /// What it gives.
    package let results: [ValueType]

    /// A signature.
    package init(_ parameters: [ValueType], _ results: [ValueType]) {
        (self.parameters, self.results) = (parameters, results)
    }

    /// As Envoy writes it: `i32 i32 -> i32`, with `void` for nothing.
    package var description: String {
        let sides = [parameters, results].map { types in
            types.isEmpty ? "void" : types.map(\.description).joined(separator: " ")
        }
        return sides.joined(separator: " -> ")
    }
}

/// The size of a memory (spec §2.3.12), in pages of 64 KiB.
package struct MemoryLimits: Hashable, Sendable {
    /// To begin with.
    package let minimum: UInt64
    /// At most; nil if the module sets no limit.
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
