// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

// Variables (spec §3.4.4), tables (§3.4.5), memories (§3.4.6), and what is parametric (§3.4.3).
extension FunctionValidator {
    mutating func validateAccess(
        _ form: Form,
        _ bytes: Span<UInt8>,
        _ cursor: inout Cursor
    ) throws(WasmBinaryError) {
        switch form {
        case .drop: _ = try pop()
        case .select: try select()
        case .selectTyped: try selectTyped(bytes, &cursor)
        case .globalGet:
            let global = try global(bytes, &cursor)
            if isConstant, global.isMutable { throw .invalid("constant expression required", at: start) }
            push(global.value)
        case .globalSet:
            let global = try global(bytes, &cursor)
            guard global.isMutable else { throw .invalid("immutable global", at: start) }
            try pop(global.value)
        case .tableGet:
            let table = try table(bytes, &cursor)
            try pop(table.address)
            push(table.element)
        case .tableSet:
            let table = try table(bytes, &cursor)
            try pop(table.element)
            try pop(table.address)
        case .tableSize: push(try table(bytes, &cursor).address)
        case .tableGrow:
            let table = try table(bytes, &cursor)
            try pop(table.address)
            try pop(table.element)
            push(table.address)
        case .tableFill:
            let table = try table(bytes, &cursor)
            try pop(table.address)
            try pop(table.element)
            try pop(table.address)
        case .tableInit:
            let segment = try element(bytes, &cursor)
            let table = try table(bytes, &cursor)
            guard try matches(segment, table.element) else {
                throw .invalid("type mismatch: elements of \(segment) for a table of \(table.element)", at: start)
            }
            try pop(.i32)
            try pop(.i32)
            try pop(table.address)
        case .elementDrop: _ = try element(bytes, &cursor)
        case .tableCopy:
            let to = try table(bytes, &cursor)
            let from = try table(bytes, &cursor)
            guard try matches(from.element, to.element) else {
                throw .invalid("type mismatch: elements of \(from.element) for a table of \(to.element)", at: start)
            }
            try pop(to.address == .i64 && from.address == .i64 ? .i64 : .i32)
            try pop(from.address)
            try pop(to.address)
        case .memorySize: push(try memory(bytes, &cursor).address)
        case .memoryGrow:
            let memory = try memory(bytes, &cursor)
            try pop(memory.address)
            push(memory.address)
        case .memoryInit:
            try data(bytes, &cursor)
            let memory = try memory(bytes, &cursor)
            try pop(.i32)
            try pop(.i32)
            try pop(memory.address)
        case .dataDrop: try data(bytes, &cursor)
        case .memoryCopy:
            let to = try memory(bytes, &cursor)
            let from = try memory(bytes, &cursor)
            try pop(to.address == .i64 && from.address == .i64 ? .i64 : .i32)
            try pop(from.address)
            try pop(to.address)
        case .memoryFill:
            let memory = try memory(bytes, &cursor)
            try pop(memory.address)
            try pop(.i32)
            try pop(memory.address)
        default: try validateReference(form, bytes, &cursor)
        }
    }

    // MARK: - Parametric instructions

    /// `select` without a type takes numbers and vectors only.
    private mutating func select() throws(WasmBinaryError) {
        try pop(.i32)
        let one = try pop()
        let other = try pop()
        guard !one.isReference, !other.isReference else {
            throw .invalid("type mismatch: select takes no references without a type", at: start)
        }
        guard one == other || one == .bottom || other == .bottom else {
            throw .invalid("type mismatch: select takes two values of one type, not \(other) and \(one)", at: start)
        }
        push(one == .bottom ? other : one)
    }

    private mutating func selectTyped(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) {
        guard try cursor.index(bytes) == 1 else { throw .invalid("invalid result arity", at: start) }
        let type = try context.valueType(bytes, &cursor)
        try pop(.i32)
        try pop(type)
        try pop(type)
        push(type)
    }

    // MARK: - Locals

    @inline(__always)
    func localIndex(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) -> Int {
        let index = try cursor.index(bytes)
        guard index < locals.count else { throw .invalid("unknown local \(index)", at: start) }
        return index
    }

    /// `local.get`: a local that has no default value must have been set.
    @inline(__always)
    func local(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) -> ValueType {
        let index = try localIndex(bytes, &cursor)
        if !isInitialized.isEmpty, !isInitialized[index] { throw .invalid("uninitialized local \(index)", at: start) }
        return locals[index]
    }

    @inline(__always)
    mutating func popLocal(_ index: Int) throws(WasmBinaryError) {
        try pop(locals[index])
        guard !isInitialized.isEmpty, !isInitialized[index] else { return }
        isInitialized[index] = true
        initialized.append(index)
    }

    // MARK: - Memories

    /// A load or store (spec §5.4.6).
    ///
    ///     memarg ::= n:u32 m:u64 (if n < 2^6) | n:u32 x:memidx m:u64 (if 2^6 ≤ n < 2^7)
    mutating func access(
        _ rule: InstructionRule,
        _ bytes: Span<UInt8>,
        _ cursor: inout Cursor
    ) throws(WasmBinaryError) {
        var align = try cursor.index(bytes)
        var index = 0
        if align & 0x40 != 0, align < 0x80 {
            align &= 0x3f
            index = try cursor.index(bytes)
            context.features.insert(.multipleMemories)
        }
        guard align < 0x40 else { throw .malformed("malformed memop flags", at: start) }
        guard index < context.memories.count else { throw .invalid("unknown memory \(index)", at: start) }
        let address = context.memories[index].address
        guard try cursor.unsigned64(bytes) <= UInt32.max || address == .i64 else {
            throw .invalid("offset out of range", at: start)
        }
        guard align <= rule.align else { throw .invalid("alignment must not be larger than natural", at: start) }
        if rule.form == .atomic, align != rule.align {
            throw .invalid("atomic alignment must be natural", at: start)
        }
        if rule.form == .memoryLane { try lane(below: rule.laneCount, bytes, &cursor) }
        try apply(rule, address: address)
    }

    /// The index of a lane.
    func lane(below count: UInt8, _ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) {
        guard cursor.remaining > 0 else { throw .malformed("unexpected end", at: cursor.end) }
        guard bytes[cursor.offset] < count else { throw .invalid("invalid lane index", at: start) }
        cursor.skip(1)
    }

    private func memory(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) -> ModuleContext.Memory {
        let index = try cursor.index(bytes)
        guard index < context.memories.count else { throw .invalid("unknown memory \(index)", at: start) }
        return context.memories[index]
    }

    /// A data segment: how many there are has to be said before the code.
    func data(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) {
        let index = try cursor.index(bytes)
        guard let count = context.dataCount else { throw .malformed("data count section required", at: start) }
        guard index < count else { throw .invalid("unknown data segment \(index)", at: start) }
    }

    // MARK: - Globals and tables

    private func global(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) -> ModuleContext.Global {
        let index = try cursor.index(bytes)
        guard index < context.globals.count else { throw .invalid("unknown global \(index)", at: start) }
        return context.globals[index]
    }

    func table(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) -> ModuleContext.Table {
        let index = try cursor.index(bytes)
        guard index < context.tables.count else { throw .invalid("unknown table \(index)", at: start) }
        return context.tables[index]
    }

    func element(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) -> ValueType {
        let index = try cursor.index(bytes)
        guard index < context.elements.count else { throw .invalid("unknown elem segment \(index)", at: start) }
        return context.elements[index]
    }
}
