// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

// Control instructions (spec §3.4.1): blocks, branches, calls, exceptions.
extension FunctionValidator {
    /// Validates an instruction whose rule depends on more than its opcode.
    mutating func validate(_ form: Form, _ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) {
        switch form {
        case .unreachable: becomeUnreachable()
        case .nop: break
        case .block, .loop, .try:
            let type = try blockType(bytes, &cursor)
            try open(form, type)
        case .if:
            let type = try blockType(bytes, &cursor)
            try pop(.i32)
            try open(.if, type)
        case .else:
            guard frame.form == .if else { throw .malformed("else without if", at: start) }
            try reopen(as: .else, taking: frame.start)
        case .br:
            let label = try label(bytes, &cursor)
            try pop(label)
            becomeUnreachable()
        case .brIf:
            let label = try label(bytes, &cursor)
            try pop(.i32)
            try require(label)
        case .brTable: try branchTable(bytes, &cursor)
        case .return:
            try pop(functionResults)
            becomeUnreachable()
        case .call: try call(try functionType(bytes, &cursor))
        case .callIndirect: try call(try indirectType(bytes, &cursor))
        case .callReference: try call(try referencedType(bytes, &cursor))
        case .returnCall: try returnCall(try functionType(bytes, &cursor))
        case .returnCallIndirect: try returnCall(try indirectType(bytes, &cursor))
        case .returnCallReference: try returnCall(try referencedType(bytes, &cursor))
        case .throw:
            try pop(try tag(bytes, &cursor).parameters)
            becomeUnreachable()
        case .throwReference:
            context.namesExceptionReferences = true
            try pop(.exnref)
            becomeUnreachable()
        case .tryTable: try tryTable(bytes, &cursor)
        case .catch:
            let type = try tag(bytes, &cursor)
            guard frame.form == .try || frame.form == .catch else { throw .malformed("catch without try", at: start) }
            try reopen(as: .catch, taking: type.parameters)
        case .catchAll:
            guard frame.form == .try || frame.form == .catch else {
                throw .malformed("catch_all without try", at: start)
            }
            try reopen(as: .catchAll, taking: .none)
        case .delegate:
            guard frame.form == .try else { throw .malformed("delegate without try", at: start) }
            let depth = try cursor.index(bytes)
            guard depth < outer.count else { throw .invalid("unknown label \(depth)", at: start) }
            try close()
        case .rethrow:
            let depth = try cursor.index(bytes)
            guard let target = frame(at: depth) else { throw .invalid("unknown label \(depth)", at: start) }
            guard target.form == .catch || target.form == .catchAll else {
                throw .invalid("invalid rethrow label \(depth)", at: start)
            }
            becomeUnreachable()
        default: try validateAccess(form, bytes, &cursor)
        }
    }

    // MARK: - Frames

    /// Reads the type of a block (spec §5.4.1): `0x40`, one value type, or the index of a function type.
    private mutating func blockType(
        _ bytes: Span<UInt8>,
        _ cursor: inout Cursor
    ) throws(WasmBinaryError) -> FunctionType {
        guard cursor.remaining > 0 else { throw .malformed("unexpected end", at: cursor.end) }
        let byte = bytes[cursor.offset]
        if byte == 0x40 {
            cursor.skip(1)
            return FunctionType(parameters: .none, results: .none)
        }
        if byte & 0xc0 == 0x40 {
            let type = try context.valueType(bytes, &cursor)
            return FunctionType(parameters: .none, results: ValueTypes(type))
        }
        let index = try cursor.signed33(bytes)
        guard index >= 0 else { throw .malformed("malformed block type", at: start) }
        guard let type = context.types.function(Int(index)) else { throw .invalid("unknown type \(index)", at: start) }
        context.features.insert(.multiValue)
        return type
    }

    private mutating func open(_ form: Form, _ type: FunctionType) throws(WasmBinaryError) {
        guard outer.count < ModuleLimit.nesting else {
            throw .tooMany("blocks within each other", outer.count + 1, ours: ModuleLimit.nesting, at: start)
        }
        try pop(type.parameters)
        outer.append(frame)
        frame = Frame(
            form: form,
            start: type.parameters,
            end: type.results,
            base: Int32(truncatingIfNeeded: height),
            initialized: Int32(truncatingIfNeeded: initialized.count)
        )
        try push(type.parameters)
    }

    /// Ends a part of a block, and begins the next.
    private mutating func reopen(as form: Form, taking types: ValueTypes) throws(WasmBinaryError) {
        try finish()
        frame.form = form
        frame.isUnreachable = false
        try push(types)
    }

    /// Requires what the innermost block gives, and nothing else.
    private mutating func finish() throws(WasmBinaryError) {
        try pop(frame.end)
        guard height == Int(frame.base) else {
            throw .invalid("type mismatch: \(height - Int(frame.base)) values are left over", at: start)
        }
        while initialized.count > Int(frame.initialized) {
            isInitialized[initialized.removeLast()] = false
        }
    }

    /// Closes the innermost block, which is not the function.
    private mutating func close() throws(WasmBinaryError) {
        try finish()
        let end = frame.end
        frame = outer.removeLast()
        try push(end)
    }

    /// `end` (spec §3.4.1).
    ///
    /// - Returns: Whether it is that of the function or the expression.
    mutating func end() throws(WasmBinaryError) -> Bool {
        // An `if` without `else` gives what it takes.
        if frame.form == .if { try reopen(as: .else, taking: frame.start) }
        guard outer.isEmpty else {
            try close()
            return false
        }
        try finish()
        return true
    }

    private func frame(at depth: Int) -> Frame? {
        depth == 0 ? frame : depth <= outer.count ? outer[outer.count - depth] : nil
    }

    private var functionResults: ValueTypes { (outer.first ?? frame).end }

    /// What a branch to a label takes: what a loop takes, what any other block gives.
    func label(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) -> ValueTypes {
        let depth = try cursor.index(bytes)
        guard let frame = frame(at: depth) else { throw .invalid("unknown label \(depth)", at: start) }
        return frame.form == .loop ? frame.start : frame.end
    }

    /// `br_table`: all labels take as many values, and each takes those that are there.
    private mutating func branchTable(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) {
        let count = try cursor.index(bytes)
        guard count <= ModuleLimit.branchTableSize else {
            throw .tooMany("labels in a br_table", count, limit: ModuleLimit.branchTableSize, at: start)
        }
        try pop(.i32)
        var arity: Int?
        var last: ValueTypes?
        for _ in 0...count {
            let types = try label(bytes, &cursor)
            guard arity == nil || types.count == arity else {
                throw .invalid("type mismatch: the labels take different numbers of values", at: start)
            }
            arity = types.count
            // Many labels in a row are often alike.
            if last == types { continue }
            last = types
            try look(for: types)
        }
        becomeUnreachable()
    }

    /// Requires values on top, and leaves them as they are.
    private mutating func look(for types: ValueTypes) throws(WasmBinaryError) {
        try spend(types.count)
        var depth = height
        var index = types.count - 1
        while index >= 0, depth > Int(frame.base) {
            depth -= 1
            let expected = context.types[types, index]
            guard try matches(stack[depth], expected) else {
                throw .invalid("type mismatch: \(expected) is expected, and \(stack[depth]) is there", at: start)
            }
            index -= 1
        }
        guard index < 0 || frame.isUnreachable else {
            throw .invalid("type mismatch: a label takes \(types.count) values", at: start)
        }
    }

    // MARK: - Calls

    private mutating func call(_ type: FunctionType) throws(WasmBinaryError) {
        try pop(type.parameters)
        try push(type.results)
    }

    private mutating func returnCall(_ type: FunctionType) throws(WasmBinaryError) {
        try pop(type.parameters)
        guard try matches(type.results, functionResults) else {
            throw .invalid("type mismatch: the call gives something else than the function", at: start)
        }
        becomeUnreachable()
    }

    private func functionType(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) -> FunctionType {
        let index = try cursor.index(bytes)
        guard let type = context.function(index) else { throw .invalid("unknown function \(index)", at: start) }
        return type
    }

    private mutating func indirectType(
        _ bytes: Span<UInt8>,
        _ cursor: inout Cursor
    ) throws(WasmBinaryError) -> FunctionType {
        let index = try cursor.index(bytes)
        let table = try table(bytes, &cursor)
        guard let type = context.types.function(index) else { throw .invalid("unknown type \(index)", at: start) }
        guard context.types.matches(table.element, .funcref) else {
            throw .invalid("type mismatch: the table has no functions", at: start)
        }
        try pop(table.address)
        return type
    }

    private mutating func referencedType(
        _ bytes: Span<UInt8>,
        _ cursor: inout Cursor
    ) throws(WasmBinaryError) -> FunctionType {
        let index = try cursor.index(bytes)
        guard let type = context.types.function(index) else { throw .invalid("unknown type \(index)", at: start) }
        try pop(ValueType(context.types.heap(index), isNullable: true))
        return type
    }

    // MARK: - Exceptions

    private func tag(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) -> FunctionType {
        let index = try cursor.index(bytes)
        guard index < context.tags.count else { throw .invalid("unknown tag \(index)", at: start) }
        return context.tags[index]
    }

    /// `try_table` (spec §5.4.1).
    ///
    ///     catch ::= 0x00 tagidx labelidx | 0x01 tagidx labelidx (ref) | 0x02 labelidx | 0x03 labelidx (ref)
    private mutating func tryTable(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) {
        context.namesExceptionReferences = true
        let type = try blockType(bytes, &cursor)
        let count = try cursor.index(bytes)
        guard count <= ModuleLimit.catchClauses else {
            throw .tooMany("catch clauses of a try_table", count, limit: ModuleLimit.catchClauses, at: start)
        }
        for _ in 0..<count {
            let place = cursor.offset
            let kind = try cursor.byte(of: bytes, "a catch clause")
            guard kind < 4 else { throw .malformed("malformed catch clause", at: place) }
            let caught = kind < 2 ? try tag(bytes, &cursor).parameters : .none
            let label = try label(bytes, &cursor)
            let hasReference = kind & 1 != 0
            guard label.count == caught.count + (hasReference ? 1 : 0) else {
                throw .invalid("type mismatch: a label takes another number of values than is caught", at: place)
            }
            try spend(label.count)
            for index in 0..<label.count {
                let given =
                    index < caught.count ? context.types[caught, index] : ValueType(.exception, isNullable: false)
                guard try matches(given, context.types[label, index]) else {
                    throw .invalid("type mismatch: a label takes other values than are caught", at: place)
                }
            }
        }
        try open(.tryTable, type)
    }
}
