// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

// What a module takes from its host, and what it declares itself.
extension ModuleDecoder {
    /// Imports (spec §5.5.5).
    ///
    ///     importsec ::= section_2(list(import))        import ::= name name externtype
    ///     externtype ::= 0x00 typeidx | 0x01 tabletype | 0x02 memtype | 0x03 globaltype | 0x04 tagtype
    mutating func imports(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) {
        let count = try count(bytes, &cursor, of: "imports", limit: ModuleLimit.imports)
        for _ in 0..<count {
            let moduleName = try name(bytes, &cursor)
            let name = try name(bytes, &cursor)
            let start = cursor.offset
            let kind: CoreModule.Kind
            var type = CoreModule.ItemType.other
            var isWideOrShared = false
            let byte = try cursor.byte(of: bytes, "the kind of an import")
            switch byte {
            case 0x00:
                let index = Int32(truncatingIfNeeded: try functionType(bytes, &cursor))
                context.functions.append(index)
                type = .function(index)
                kind = .function
            case 0x01:
                type = .table(Int32(truncatingIfNeeded: module.tables.count))
                try addTable(bytes, &cursor)
                isWideOrShared = context.tables.last?.address == .i64
                kind = .table
            case 0x02:
                try addMemory(bytes, &cursor)
                isWideOrShared = context.memories.last.map { $0.address == .i64 || $0.isShared } ?? false
                kind = .memory
            case 0x03:
                let global = try globalType(bytes, &cursor)
                context.globals.append(global)
                globalValues.append(nil)
                type = .value(global.value)
                kind = .global
            case 0x04:
                try addTag(bytes, &cursor)
                kind = .tag
            default:
                if let proposal = UnsupportedProposal.ofImport(byte) { throw .unsupported(proposal, at: start) }
                throw .malformed("malformed import kind", at: start)
            }
            module.imports.append(
                .init(module: moduleName, name: name, kind: kind, isWideOrShared: isWideOrShared, type: type)
            )
        }
    }

    /// The types of functions (spec §5.5.6).
    ///
    ///     funcsec ::= section_3(list(typeidx))
    mutating func functions(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) {
        let imported = context.functions.count
        let count = try count(bytes, &cursor, of: "functions", limit: ModuleLimit.functions, besides: imported)
        context.functions.reserveCapacity(imported + count)
        for _ in 0..<count {
            context.functions.append(Int32(truncatingIfNeeded: try functionType(bytes, &cursor)))
        }
        declaredCount = count
    }

    /// Tables (spec §5.5.7).
    ///
    ///     tablesec ::= section_4(list(table))        table ::= tabletype | 0x40 0x00 tabletype expr
    mutating func tables(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) {
        let count = try count(
            bytes,
            &cursor,
            of: "tables",
            limit: ModuleLimit.tables,
            besides: context.tables.count
        )
        for _ in 0..<count {
            let start = cursor.offset
            let hasValue = cursor.remaining > 1 && bytes[start] == 0x40 && bytes[start + 1] == 0x00
            if hasValue { cursor.skip(2) }
            let element = try addTable(bytes, &cursor)
            if hasValue {
                context.features.insert(.functionReferences)
                try validator.validateConstant(bytes, &cursor, element)
            } else if !element.isDefaultable {
                throw .invalid("type mismatch: a table of \(element) needs a value to begin with", at: start)
            }
        }
    }

    /// Memories (spec §5.5.8).
    ///
    ///     memsec ::= section_5(list(memtype))
    mutating func memories(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) {
        let count = try count(
            bytes,
            &cursor,
            of: "memories",
            limit: ModuleLimit.memories,
            besides: context.memories.count
        )
        for _ in 0..<count { try addMemory(bytes, &cursor) }
    }

    /// Tags (spec §5.5.9).
    ///
    ///     tagsec ::= section_13(list(tagtype))
    mutating func tags(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) {
        let count = try count(bytes, &cursor, of: "tags", limit: ModuleLimit.tags, besides: context.tags.count)
        for _ in 0..<count { try addTag(bytes, &cursor) }
    }

    /// Globals (spec §5.5.10).
    ///
    ///     globalsec ::= section_6(list(global))        global ::= globaltype expr
    mutating func globals(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) {
        let count = try count(
            bytes,
            &cursor,
            of: "globals",
            limit: ModuleLimit.globals,
            besides: context.globals.count
        )
        for _ in 0..<count {
            let type = try globalType(bytes, &cursor)
            let value = try constant(bytes, &cursor, type.value)
            context.globals.append(type)
            globalValues.append(type.isMutable ? nil : value)
        }
    }

    // MARK: - Types

    /// A name (spec §5.2.4).
    func name(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) -> CoreModule.Name {
        let start = cursor.offset
        let count = try cursor.index(bytes)
        guard count <= ModuleLimit.nameLength else {
            throw .tooMany("bytes in a name", count, ours: ModuleLimit.nameLength, at: start)
        }
        guard count <= cursor.remaining else { throw .malformed("length out of bounds", at: start) }
        let place = cursor.offset..<cursor.offset + count
        cursor.skip(count)
        guard (try? UTF8Span(validating: bytes.extracting(place))) != nil else {
            throw .malformed("malformed UTF-8 encoding", at: place.lowerBound)
        }
        return .init(offset: UInt32(truncatingIfNeeded: place.lowerBound), count: UInt32(truncatingIfNeeded: count))
    }

    /// The index of a function's type.
    private func functionType(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) -> Int {
        let start = cursor.offset
        let index = try cursor.index(bytes)
        guard index < context.types.count else { throw .invalid("unknown type \(index)", at: start) }
        guard context.types.function(index) != nil else {
            throw .invalid("type mismatch: type \(index) is no function", at: start)
        }
        return index
    }

    /// Limits (spec §5.3.13).
    ///
    ///     limits ::= 0x00 n | 0x01 n m | 0x03 n m (shared) | 0x04 n | 0x05 n m | 0x07 n m (shared)
    private func limits(
        _ bytes: Span<UInt8>,
        _ cursor: inout Cursor,
        canBeShared: Bool
    ) throws(WasmBinaryError) -> (minimum: UInt64, maximum: UInt64?, is64: Bool, isShared: Bool) {
        let start = cursor.offset
        let flags = try cursor.byte(of: bytes, "limits")
        if flags & 0x08 != 0, flags < 0x10 { throw .unsupported("pages of another size than 64 KiB", at: start) }
        guard flags < 0x08, canBeShared || flags & 0x02 == 0 else {
            throw .malformed("malformed limits flags", at: start)
        }
        let (hasMaximum, isShared, is64) = (flags & 0x01 != 0, flags & 0x02 != 0, flags & 0x04 != 0)
        guard hasMaximum || !isShared else { throw .invalid("shared memory must have maximum", at: start) }
        let bits = is64 ? 64 : 32
        let minimum = try cursor.unsigned(bytes, bits: bits)
        let maximum = hasMaximum ? try cursor.unsigned(bytes, bits: bits) : nil
        if let maximum, maximum < minimum {
            throw .invalid("size minimum must not be greater than maximum", at: start)
        }
        return (minimum, maximum, is64, isShared)
    }

    /// The type of a table (spec §5.3.17).
    ///
    ///     tabletype ::= reftype limits
    @discardableResult
    private mutating func addTable(
        _ bytes: Span<UInt8>,
        _ cursor: inout Cursor
    ) throws(WasmBinaryError) -> ValueType {
        let known = context.features
        let element = try context.referenceType(bytes, &cursor)
        // Functions are what tables of version 1.0 have.
        if element == .funcref { context.features = known }
        let start = cursor.offset
        let limits = try limits(bytes, &cursor, canBeShared: false)
        guard limits.minimum <= ModuleLimit.tableElements else {
            throw .tooMany("elements in a table", limits.minimum, limit: ModuleLimit.tableElements, at: start)
        }
        guard context.tables.count < ModuleLimit.tables else {
            throw .tooMany("tables", context.tables.count + 1, limit: ModuleLimit.tables, at: start)
        }
        if limits.is64 { context.features.insert(.memory64) }
        if !context.tables.isEmpty { context.features.insert(.referenceTypes) }
        context.tables.append(.init(element: element, address: limits.is64 ? .i64 : .i32))
        module.tables.append(TableType(element: element, minimum: limits.minimum, maximum: limits.maximum))
        return element
    }

    /// The type of a memory (spec §5.3.14).
    ///
    ///     memtype ::= limits
    private mutating func addMemory(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) {
        let start = cursor.offset
        let limits = try limits(bytes, &cursor, canBeShared: true)
        let most = limits.is64 ? ModuleLimit.memory64Pages : ModuleLimit.memoryPages
        let highest = limits.is64 ? 1 << 48 : ModuleLimit.memoryPages
        let pages = max(limits.minimum, limits.maximum ?? 0)
        guard pages <= highest else { throw .invalid("memory size must be at most \(highest) pages", at: start) }
        guard pages <= most else { throw .tooMany("pages of memory", pages, limit: most, at: start) }
        guard context.memories.count < ModuleLimit.memories else {
            throw .tooMany("memories", context.memories.count + 1, limit: ModuleLimit.memories, at: start)
        }
        if limits.is64 { context.features.insert(.memory64) }
        if limits.isShared { context.features.insert(.threads) }
        if !context.memories.isEmpty { context.features.insert(.multipleMemories) }
        context.memories.append(.init(address: limits.is64 ? .i64 : .i32, isShared: limits.isShared))
        module.memories.append(MemoryLimits(minimum: limits.minimum, maximum: limits.maximum))
    }

    /// The type of a global (spec §5.3.16).
    ///
    ///     globaltype ::= valtype mut
    private mutating func globalType(
        _ bytes: Span<UInt8>,
        _ cursor: inout Cursor
    ) throws(WasmBinaryError) -> ModuleContext.Global {
        let value = try context.valueType(bytes, &cursor)
        return .init(value: value, isMutable: try context.mutability(bytes, &cursor))
    }

    /// The type of a tag (spec §5.3.18).
    ///
    ///     tagtype ::= 0x00 typeidx
    private mutating func addTag(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) {
        let start = cursor.offset
        guard try cursor.byte(of: bytes, "a tag") == 0 else { throw .malformed("malformed tag attribute", at: start) }
        let index = try functionType(bytes, &cursor)
        guard let type = context.types.function(index) else { return }
        guard type.results.count == 0 else { throw .invalid("non-empty tag result type", at: start) }
        context.features.insert(.exceptions)
        context.tags.append(type)
    }
}
