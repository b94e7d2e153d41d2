// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What a module declares, by the indices that its code uses: the context of the specification (§3.1.1).
struct ModuleContext: Sendable {
    /// The type of a table (spec §2.3.13).
    struct Table: Sendable {
        let element: ValueType
        /// What indexes it: i32 or i64.
        let address: ValueType
    }

    /// The type of a memory, as far as code depends on it (spec §2.3.12).
    struct Memory: Sendable {
        /// What indexes it: i32 or i64.
        let address: ValueType
        let isShared: Bool
    }

    /// The type of a global (spec §2.3.14).
    struct Global: Sendable {
        let value: ValueType
        let isMutable: Bool
    }

    var types = TypeTable()
    /// The index of each function's type.
    var functions: ContiguousArray<Int32> = []
    var tables: ContiguousArray<Table> = []
    var memories: ContiguousArray<Memory> = []
    var globals: ContiguousArray<Global> = []
    /// The type of each tag's function.
    var tags: ContiguousArray<FunctionType> = []
    /// The type of each element segment's elements.
    var elements: ContiguousArray<ValueType> = []
    /// How many data segments there are; nil if the module does not say so before its code.
    var dataCount: Int?
    /// The functions that `ref.func` may name in code: those that stand outside of it, too (spec §3.4.13).
    private var declaredFunctions: ContiguousArray<Bool> = []
    var features = FeatureSet()
    /// Whether references to exceptions have been named since this was last set to false.
    var namesExceptionReferences = false

    /// Notes that something outside of code names a function.
    mutating func declare(function index: Int) {
        if index >= declaredFunctions.count {
            declaredFunctions += repeatElement(false, count: functions.count - declaredFunctions.count)
        }
        declaredFunctions[index] = true
    }

    /// Whether something outside of code names a function.
    func isDeclared(function index: Int) -> Bool { index < declaredFunctions.count && declaredFunctions[index] }

    /// The type of a function; nil if there is none of that index.
    func function(_ index: Int) -> FunctionType? {
        index < functions.count ? types.function(Int(functions[index])) : nil
    }
}

extension ModuleContext {
    /// Reads a value type (spec §5.3.5).
    ///
    ///     valtype ::= numtype | vectype | reftype
    ///     numtype ::= 0x7F i32 | 0x7E i64 | 0x7D f32 | 0x7C f64        vectype ::= 0x7B v128
    ///     reftype ::= 0x64 heaptype | 0x63 heaptype | absheaptype
    mutating func valueType(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) -> ValueType {
        let start = cursor.offset
        let byte = try cursor.byte(of: bytes, "a type")
        switch byte {
        case 0x7f: return .i32
        case 0x7e: return .i64
        case 0x7d: return .f32
        case 0x7c: return .f64
        case 0x7b:
            features.insert(.simd)
            return .v128
        case 0x63, 0x64:
            return ValueType(try heapType(bytes, &cursor), isNullable: byte == 0x63)
        default:
            guard let heap = abstract(byte) else { throw unknownType(byte, "malformed value type", at: start) }
            return ValueType(heap, isNullable: true)
        }
    }

    /// Reads a reference type (spec §5.3.4).
    mutating func referenceType(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) -> ValueType {
        let start = cursor.offset
        let type = try valueType(bytes, &cursor)
        guard type.isReference else { throw .malformed("malformed reference type", at: start) }
        return type
    }

    /// Reads a heap type (spec §5.3.3).
    ///
    ///     heaptype ::= absheaptype | x:s33      (if x ≥ 0)
    mutating func heapType(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) -> HeapType {
        let start = cursor.offset
        let value = try cursor.signed33(bytes)
        guard value < 0 else {
            guard value < types.count else { throw .invalid("unknown type \(value)", at: start) }
            features.insert(.functionReferences)
            return types.heap(Int(value))
        }
        guard cursor.offset == start + 1, let heap = abstract(bytes[start]) else {
            throw unknownType(bytes[start], "malformed heap type", at: start)
        }
        return heap
    }

    private func unknownType(_ byte: UInt8, _ rule: String, at offset: Int) -> WasmBinaryError {
        UnsupportedProposal.ofValueType(byte).map { .unsupported($0, at: offset) } ?? .malformed(rule, at: offset)
    }

    private mutating func abstract(_ byte: UInt8) -> HeapType? {
        guard let heap = HeapType.abstract[byte] else { return nil }
        switch heap {
        case .function, .external: features.insert(.referenceTypes)
        case .exception, .noException:
            features.insert(.exceptions)
            namesExceptionReferences = true
        default: features.insert(.garbageCollection)
        }
        return heap
    }

    /// Reads a field's or an element's type (spec §5.3.8).
    ///
    ///     fieldtype ::= storagetype mut        storagetype ::= valtype | 0x78 i8 | 0x77 i16
    mutating func fieldType(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) -> FieldType {
        let storage: ValueType
        switch cursor.remaining > 0 ? bytes[cursor.offset] : 0 {
        case 0x78:
            cursor.skip(1)
            storage = .i8
        case 0x77:
            cursor.skip(1)
            storage = .i16
        default: storage = try valueType(bytes, &cursor)
        }
        return FieldType(storage: storage, isMutable: try mutability(bytes, &cursor))
    }

    /// Reads whether something can be written (spec §5.3.15).
    ///
    ///     mut ::= 0x00 const | 0x01 var
    func mutability(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) -> Bool {
        let start = cursor.offset
        let byte = try cursor.byte(of: bytes, "a mutability")
        guard byte < 2 else { throw .malformed("malformed mutability", at: start) }
        return byte == 1
    }
}
