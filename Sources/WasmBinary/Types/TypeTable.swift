// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Types in a row: parameters, results, what a label takes.
///
/// Most are in the type table's pool. One alone, as of a block, is here, so that both fit into eight bytes.
struct ValueTypes: Equatable, Sendable {
    /// Where they are in the pool, or the bits of the one that is here.
    private let start: Int32
    /// How many are in the pool; -1 for the one that is here.
    private let length: Int32

    init(_ range: Range<Int>) {
        (start, length) = (Int32(truncatingIfNeeded: range.lowerBound), Int32(truncatingIfNeeded: range.count))
    }

    init(_ single: ValueType) { (start, length) = (Int32(bitPattern: single.bits), -1) }

    static let none = ValueTypes(0..<0)

    var count: Int { length < 0 ? 1 : Int(length) }

    /// The one that is here; nil if all are in the pool.
    var single: ValueType? { length < 0 ? ValueType(bits: UInt32(bitPattern: start)) : nil }

    /// Where they are in the pool; nothing for the one that is here.
    var range: Range<Int> { length < 0 ? 0..<0 : Int(start)..<Int(start) + Int(length) }

    /// All but the last.
    var withoutLast: ValueTypes { ValueTypes(range.dropLast()) }
}

/// The type of a function: `[t1*] → [t2*]` (spec §2.3.8).
struct FunctionType: Sendable {
    let parameters: ValueTypes
    let results: ValueTypes
}

/// The type of a field of a structure, or of an array's elements (spec §2.3.9).
struct FieldType: Hashable, Sendable {
    let storage: ValueType
    let isMutable: Bool
}

/// A defined type: what it is made of, and what it is a part of (spec §2.3.10, §2.3.11).
struct DefinedType: Sendable {
    enum Composite: Sendable {
        case function(FunctionType)
        /// Where its fields are among the type table's.
        case structure(Range<Int32>)
        case array(FieldType)
    }

    let composite: Composite
    /// The canonical index of the type above it; -1 if there is none.
    private let above: Int32
    /// How many types are above it.
    let depth: UInt8
    let isFinal: Bool
    /// Whether its recursion group has no other.
    let isAlone: Bool

    init(_ composite: Composite, below supertype: Int?, depth: Int, isFinal: Bool, isAlone: Bool) {
        self.composite = composite
        above = supertype.map { Int32(truncatingIfNeeded: $0) } ?? -1
        self.depth = UInt8(truncatingIfNeeded: depth)
        (self.isFinal, self.isAlone) = (isFinal, isAlone)
    }

    /// The canonical index of the type above it; nil if there is none.
    var supertype: Int? { above < 0 ? nil : Int(above) }
}

/// The types of a module.
///
/// Two recursion groups that are written alike are one (spec §3.1.1, "Rolled and Closed Types"): each type has a canonical index, that of the
/// first that is alike, and references name types by it. So types are equal if their bits are.
struct TypeTable: Sendable {
    private(set) var types: ContiguousArray<DefinedType> = []
    /// The canonical index of each type.
    private(set) var canonical: ContiguousArray<Int32> = []
    /// Parameters and results of all functions.
    private(set) var pool: ContiguousArray<ValueType> = []
    /// Fields of all structures.
    private(set) var fields: ContiguousArray<FieldType> = []
    /// The first type of each group, by its hash.
    private var groups: [Int: Int32] = [:]
    /// The lengths of groups of several types, by their first.
    private var lengths: [Int32: Int32] = [:]

    var count: Int { canonical.count }
    /// How many parameters, results and fields there are.
    var valueCount: Int { pool.count + fields.count }

    // MARK: Looking up

    /// The type of a function; nil if the index is of something else, or of nothing.
    func function(_ index: Int) -> FunctionType? {
        guard index < count, case .function(let type) = types[Int(canonical[index])].composite else { return nil }
        return type
    }

    /// The fields of a structure; nil if the index is of something else, or of nothing.
    func structure(_ index: Int) -> Range<Int>? {
        guard index < count, case .structure(let fields) = types[Int(canonical[index])].composite else { return nil }
        return Int(fields.lowerBound)..<Int(fields.upperBound)
    }

    /// The elements of an array; nil if the index is of something else, or of nothing.
    func array(_ index: Int) -> FieldType? {
        guard index < count, case .array(let element) = types[Int(canonical[index])].composite else { return nil }
        return element
    }

    /// A reference's heap type for a type of the module.
    func heap(_ index: Int) -> HeapType { HeapType(type: Int(canonical[index])) }

    subscript(_ types: ValueTypes, _ index: Int) -> ValueType {
        types.single ?? pool[types.range.lowerBound + index]
    }

    // MARK: Subtypes (spec §3.3)

    /// Whether a value of one type is one of another (§3.3.3).
    func matches(_ type: ValueType, _ other: ValueType) -> Bool {
        if type == other || type == .bottom { return true }
        guard type.isReference, other.isReference, !type.isNullable || other.isNullable else { return false }
        return matches(type.heap, other.heap)
    }

    /// Whether what one heap type has is also of another (§3.3.2).
    func matches(_ type: HeapType, _ other: HeapType) -> Bool {
        if type == other || type == .bottom { return true }
        guard let index = type.type else { return isAbstract(type, below: other) }
        guard let wanted = other.type else { return isConcrete(index, below: other) }
        var next = types[index].supertype
        while let above = next {
            if above == wanted { return true }
            next = types[above].supertype
        }
        return false
    }

    /// How many types are above the one that a value refers to; none above what is abstract.
    func depth(of type: ValueType) -> Int {
        guard type.isReference, let index = type.heap.type else { return 0 }
        return Int(types[index].depth)
    }

    private func isAbstract(_ type: HeapType, below other: HeapType) -> Bool {
        switch type {
        case .none: top(of: other) == .any
        case .noFunction: top(of: other) == .function
        case .noExternal: other == .external
        case .noException: other == .exception
        case .i31, .structure, .array: other == .equal || other == .any
        case .equal: other == .any
        default: false
        }
    }

    private func isConcrete(_ index: Int, below other: HeapType) -> Bool {
        switch types[index].composite {
        case .function: other == .function
        case .structure: other == .structure || other == .equal || other == .any
        case .array: other == .array || other == .equal || other == .any
        }
    }

    /// The greatest type of the hierarchy that a heap type is in.
    func top(of heap: HeapType) -> HeapType {
        if let index = heap.type {
            if case .function = types[index].composite { return .function }
            return .any
        }
        return switch heap {
        case .function, .noFunction: .function
        case .external, .noExternal: .external
        case .exception, .noException: .exception
        default: .any
        }
    }

    // MARK: Adding

    /// Keeps values together.
    mutating func add(_ values: [ValueType]) -> ValueTypes {
        pool += values
        return ValueTypes(pool.count - values.count..<pool.count)
    }

    /// Keeps a structure's fields together.
    mutating func add(_ new: [FieldType]) -> Range<Int32> {
        fields += new
        return Int32(fields.count - new.count)..<Int32(fields.count)
    }

    /// Opens a group: its types may name each other.
    mutating func beginGroup(of count: Int) {
        let start = canonical.count
        canonical += (start..<start + count).map { Int32(truncatingIfNeeded: $0) }
    }

    /// Adds the next type of the group.
    mutating func add(_ type: DefinedType) { types.append(type) }

    /// Closes a group, and makes it one with the first that is alike.
    mutating func endGroup(at start: Int) {
        let count = types.count - start
        // What comes next begins at the same index.
        guard count > 0 else { return }
        var hash = hash(ofGroup: start, count)
        while let other = groups[hash] {
            if lengths[other] ?? 1 == Int32(count), isAlike(Int(other), start, count) {
                for index in 0..<count { canonical[start + index] = other + Int32(index) }
                return
            }
            hash &+= 1
        }
        groups[hash] = Int32(start)
        if count != 1 { lengths[Int32(start)] = Int32(count) }
    }

    /// A type's bits, with what is in the group named by its place in it.
    private func relative(_ type: ValueType, to start: Int) -> UInt64 {
        guard type.isReference, let index = type.heap.type, index >= start else { return UInt64(type.bits) }
        return UInt64(type.bits & ~HeapType.mask) | UInt64(index - start) | 1 << 40
    }

    private func hash(ofGroup start: Int, _ count: Int) -> Int {
        var hasher = Hasher()
        forEachWord(ofGroup: start, count) { hasher.combine($0) }
        return hasher.finalize()
    }

    private func isAlike(_ one: Int, _ other: Int, _ count: Int) -> Bool {
        var words: [UInt64] = []
        forEachWord(ofGroup: one, count) { words.append($0) }
        var index = 0
        var isAlike = true
        forEachWord(ofGroup: other, count) { word in
            isAlike = isAlike && index < words.count && words[index] == word
            index += 1
        }
        return isAlike && index == words.count
    }

    /// All that a group says, in words.
    private func forEachWord(ofGroup start: Int, _ count: Int, _ tell: (UInt64) -> Void) {
        for type in types[start..<start + count] {
            tell(type.isFinal ? 1 : 0)
            tell(type.supertype.map { $0 >= start ? UInt64($0 - start) | 1 << 40 : UInt64($0) } ?? 1 << 41)
            switch type.composite {
            case .function(let function):
                tell(UInt64(function.parameters.count) << 32 | UInt64(function.results.count) | 1 << 60)
                for value in pool[function.parameters.range] { tell(relative(value, to: start)) }
                for value in pool[function.results.range] { tell(relative(value, to: start)) }
            case .structure(let range):
                tell(UInt64(range.count) | 1 << 61)
                for field in fields[Int(range.lowerBound)..<Int(range.upperBound)] {
                    tell(relative(field.storage, to: start) << 1 | (field.isMutable ? 1 : 0))
                }
            case .array(let field):
                tell(1 << 62)
                tell(relative(field.storage, to: start) << 1 | (field.isMutable ? 1 : 0))
            }
        }
    }

    // MARK: Declared subtypes

    /// Whether a type may be declared to be below another (§3.3.11).
    func fits(_ type: DefinedType.Composite, below other: DefinedType.Composite) -> Bool {
        switch (type, other) {
        case (.function(let one), .function(let two)):
            return one.parameters.count == two.parameters.count && one.results.count == two.results.count
                && zip(pool[two.parameters.range], pool[one.parameters.range]).allSatisfy { matches($0, $1) }
                && zip(pool[one.results.range], pool[two.results.range]).allSatisfy { matches($0, $1) }
        case (.structure(let one), .structure(let two)):
            return one.count >= two.count && zip(one, two).allSatisfy { matches(fields[Int($0)], fields[Int($1)]) }
        case (.array(let one), .array(let two)):
            return matches(one, two)
        default: return false
        }
    }

    /// Whether a field is one of another type (§3.3.9): what can be written has to be the same.
    func matches(_ field: FieldType, _ other: FieldType) -> Bool {
        guard field.isMutable == other.isMutable else { return false }
        guard !field.isMutable else { return field.storage == other.storage }
        return field.storage.isPacked ? field.storage == other.storage : matches(field.storage, other.storage)
    }
}
