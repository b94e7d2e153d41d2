// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

// References (spec §3.4.2): to functions, structures, arrays and small integers.
extension FunctionValidator {
    mutating func validateReference(
        _ form: Form,
        _ bytes: Span<UInt8>,
        _ cursor: inout Cursor
    ) throws(WasmBinaryError) {
        switch form {
        case .refNull: push(ValueType(try context.heapType(bytes, &cursor), isNullable: true))
        case .refIsNull:
            _ = try popReference()
            push(.i32)
        case .refFunction: try refFunction(bytes, &cursor)
        case .refEqual:
            try pop(.eqref)
            try pop(.eqref)
            push(.i32)
        case .refAsNonNull: push(try popReference().withoutNull())
        case .brOnNull:
            let label = try label(bytes, &cursor)
            let reference = try popReference()
            try require(label)
            push(reference.withoutNull())
        case .brOnNonNull: try branchOnNonNull(bytes, &cursor)
        case .refTest, .refTestNull, .refCast, .refCastNull: try cast(form, bytes, &cursor)
        case .brOnCast, .brOnCastFail: try branchOnCast(form, bytes, &cursor)
        case .anyConvertExternal: try convert(.external, to: .any)
        case .externalConvertAny: try convert(.any, to: .external)
        case .refI31:
            try pop(.i32)
            push(.i31ref)
        case .i31Get:
            try pop(ValueType(.i31, isNullable: true))
            push(.i32)
        case .structNew, .structNewDefault, .structGet, .structGetSigned, .structGetUnsigned, .structSet:
            try validateStructure(form, bytes, &cursor)
        default: try validateArray(form, bytes, &cursor)
        }
    }

    /// `ref.func`: outside of code it declares what code may name (spec §3.4.13).
    private mutating func refFunction(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) {
        let index = try cursor.index(bytes)
        guard index < context.functions.count else { throw .invalid("unknown function \(index)", at: start) }
        if isConstant {
            context.declare(function: index)
        } else if !context.isDeclared(function: index) {
            throw .invalid("undeclared function reference", at: start)
        }
        push(ValueType(context.types.heap(Int(context.functions[index])), isNullable: false))
    }

    /// `br_on_non_null`: the label takes the reference as its last value.
    private mutating func branchOnNonNull(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) {
        let label = try label(bytes, &cursor)
        let reference = try popReference().withoutNull()
        guard label.count > 0 else { throw .invalid("type mismatch: the label takes no reference", at: start) }
        let last = context.types[label, label.count - 1]
        guard try matches(reference, last), last.isReference else {
            throw .invalid("type mismatch: the label takes \(last), and \(reference) is there", at: start)
        }
        try require(label.withoutLast)
    }

    /// `ref.test` and `ref.cast`: a type of the same hierarchy.
    private mutating func cast(_ form: Form, _ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) {
        let heap = try context.heapType(bytes, &cursor)
        try pop(ValueType(context.types.top(of: heap), isNullable: true))
        switch form {
        case .refCast: push(ValueType(heap, isNullable: false))
        case .refCastNull: push(ValueType(heap, isNullable: true))
        default: push(.i32)
        }
    }

    /// `br_on_cast` and `br_on_cast_fail` (spec §5.4.2).
    ///
    ///     castop labelidx heaptype heaptype        castop ::= 0x00 … 0x03: whether each may be null
    private mutating func branchOnCast(
        _ form: Form,
        _ bytes: Span<UInt8>,
        _ cursor: inout Cursor
    ) throws(WasmBinaryError) {
        let flags = try cursor.byte(of: bytes, "the flags of a cast")
        guard flags < 4 else { throw .malformed("malformed br_on_cast flags", at: start) }
        let label = try label(bytes, &cursor)
        let from = ValueType(try context.heapType(bytes, &cursor), isNullable: flags & 1 != 0)
        let to = ValueType(try context.heapType(bytes, &cursor), isNullable: flags & 2 != 0)
        guard try matches(to, from) else {
            throw .invalid("type mismatch: \(to) is not below \(from)", at: start)
        }
        let rest = to.isNullable ? from.withoutNull() : from
        let (taken, left) = form == .brOnCast ? (to, rest) : (rest, to)
        guard label.count > 0 else { throw .invalid("type mismatch: the label takes no reference", at: start) }
        let last = context.types[label, label.count - 1]
        guard try matches(taken, last) else {
            throw .invalid("type mismatch: the label takes \(last), and \(taken) is given", at: start)
        }
        try pop(from)
        try require(label.withoutLast)
        push(left)
    }

    private mutating func convert(_ from: HeapType, to: HeapType) throws(WasmBinaryError) {
        let found = try popReference()
        guard context.types.matches(found, ValueType(from, isNullable: true)) else {
            throw .invalid("type mismatch: \(found) is no \(from) reference", at: start)
        }
        push(ValueType(to, isNullable: found.isNullable))
    }
}
