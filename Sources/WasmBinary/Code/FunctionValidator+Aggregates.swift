// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

// Structures and arrays that the host collects (spec §3.4.2).
extension FunctionValidator {
    mutating func validateStructure(
        _ form: Form,
        _ bytes: Span<UInt8>,
        _ cursor: inout Cursor
    ) throws(WasmBinaryError) {
        let index = try cursor.index(bytes)
        guard index < context.types.count else { throw .invalid("unknown type \(index)", at: start) }
        guard let range = context.types.structure(index) else {
            throw .invalid("type mismatch: type \(index) is no structure", at: start)
        }
        let reference = ValueType(context.types.heap(index), isNullable: true)
        switch form {
        case .structNew:
            try spend(range.count)
            for field in range.reversed() { try pop(context.types.fields[field].storage.unpacked) }
            push(reference.withoutNull())
        case .structNewDefault:
            try spend(range.count)
            guard range.allSatisfy({ context.types.fields[$0].storage.isDefaultable }) else {
                throw .invalid("field type is not defaultable", at: start)
            }
            push(reference.withoutNull())
        default:
            let number = try cursor.index(bytes)
            guard number < range.count else { throw .invalid("unknown field \(number)", at: start) }
            let field = context.types.fields[range.lowerBound + number]
            if form == .structSet {
                guard field.isMutable else { throw .invalid("immutable field", at: start) }
                try pop(field.storage.unpacked)
                try pop(reference)
            } else {
                try requireSign(form != .structGet, of: field)
                try pop(reference)
                push(field.storage.unpacked)
            }
        }
    }

    mutating func validateArray(
        _ form: Form,
        _ bytes: Span<UInt8>,
        _ cursor: inout Cursor
    ) throws(WasmBinaryError) {
        if form == .arrayLength {
            try pop(.arrayref)
            return push(.i32)
        }
        let (reference, element) = try array(bytes, &cursor)
        switch form {
        case .arrayNew:
            try pop(.i32)
            try pop(element.storage.unpacked)
            push(reference.withoutNull())
        case .arrayNewDefault:
            guard element.storage.isDefaultable else { throw .invalid("array type is not defaultable", at: start) }
            try pop(.i32)
            push(reference.withoutNull())
        case .arrayNewFixed:
            let count = try cursor.index(bytes)
            guard count <= ModuleLimit.arrayOperands else {
                throw .tooMany("operands of array.new_fixed", count, limit: ModuleLimit.arrayOperands, at: start)
            }
            try spend(count)
            for _ in 0..<count { try pop(element.storage.unpacked) }
            push(reference.withoutNull())
        case .arrayNewData, .arrayInitData:
            try data(bytes, &cursor)
            guard !element.storage.isReference else {
                throw .invalid("array type is not numeric or vector", at: start)
            }
            try fill(reference, element, isNew: form == .arrayNewData)
        case .arrayNewElement, .arrayInitElement:
            let segment = try self.element(bytes, &cursor)
            guard element.storage.isReference, try matches(segment, element.storage) else {
                throw .invalid("type mismatch: elements of \(segment) for an array of \(element.storage)", at: start)
            }
            try fill(reference, element, isNew: form == .arrayNewElement)
        case .arraySet:
            try requireMutable(element)
            try pop(element.storage.unpacked)
            try pop(.i32)
            try pop(reference)
        case .arrayFill:
            try requireMutable(element)
            try pop(.i32)
            try pop(element.storage.unpacked)
            try pop(.i32)
            try pop(reference)
        case .arrayCopy:
            let (source, other) = try array(bytes, &cursor)
            try requireMutable(element)
            guard
                try other.storage.isPacked || element.storage.isPacked
                    ? other.storage == element.storage : matches(other.storage, element.storage)
            else { throw .invalid("array types do not match", at: start) }
            try pop(.i32)
            try pop(.i32)
            try pop(source)
            try pop(.i32)
            try pop(reference)
        default:
            try requireSign(form != .arrayGet, of: element)
            try pop(.i32)
            try pop(reference)
            push(element.storage.unpacked)
        }
    }

    /// The type of an array, and of a reference to it.
    private func array(
        _ bytes: Span<UInt8>,
        _ cursor: inout Cursor
    ) throws(WasmBinaryError) -> (reference: ValueType, element: FieldType) {
        let index = try cursor.index(bytes)
        guard index < context.types.count else { throw .invalid("unknown type \(index)", at: start) }
        guard let element = context.types.array(index) else {
            throw .invalid("type mismatch: type \(index) is no array", at: start)
        }
        return (ValueType(context.types.heap(index), isNullable: true), element)
    }

    /// An array from a part of a segment, or such a part into an array.
    private mutating func fill(
        _ reference: ValueType,
        _ element: FieldType,
        isNew: Bool
    ) throws(WasmBinaryError) {
        if !isNew { try requireMutable(element) }
        try pop(.i32)
        try pop(.i32)
        if isNew { return push(reference.withoutNull()) }
        try pop(.i32)
        try pop(reference)
    }

    private func requireMutable(_ element: FieldType) throws(WasmBinaryError) {
        guard element.isMutable else { throw .invalid("immutable array", at: start) }
    }

    /// What is packed is read with a sign or without, and nothing else is.
    private func requireSign(_ hasSign: Bool, of field: FieldType) throws(WasmBinaryError) {
        guard hasSign == field.storage.isPacked else {
            throw .invalid("type mismatch: packed fields alone are read with _s or _u", at: start)
        }
    }
}
