// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

// What a module gives to its host, what runs first, and what tables, memories and functions hold.
extension ModuleDecoder {
    /// Exports (spec §5.5.11).
    ///
    ///     exportsec ::= section_7(list(export))        export ::= name externidx
    ///     externidx ::= 0x00 funcidx | 0x01 tableidx | 0x02 memidx | 0x03 globalidx | 0x04 tagidx
    mutating func exports(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) {
        let count = try count(bytes, &cursor, of: "exports", limit: ModuleLimit.exports)
        var names = NameSet()
        for _ in 0..<count {
            let place = cursor.offset
            let name = try name(bytes, &cursor)
            guard names.insert(name, of: bytes) else { throw .invalid("duplicate export name", at: place) }
            let start = cursor.offset
            guard let kind = CoreModule.Kind(rawValue: try cursor.byte(of: bytes, "the kind of an export")) else {
                throw .malformed("malformed export kind", at: start)
            }
            let index = try cursor.index(bytes)
            var type = CoreModule.ItemType.other
            switch kind {
            case .function:
                try require(index, below: context.functions.count, "function", at: start)
                context.declare(function: index)
                type = .function(context.functions[index])
            case .table:
                try require(index, below: context.tables.count, "table", at: start)
                type = .table(Int32(truncatingIfNeeded: index))
            case .memory: try require(index, below: context.memories.count, "memory", at: start)
            case .global:
                try require(index, below: context.globals.count, "global", at: start)
                type = .value(context.globals[index].value)
            case .tag: try require(index, below: context.tags.count, "tag", at: start)
            }
            module.exports.append(.init(name: name, kind: kind, type: type))
        }
    }

    /// The function that runs first (spec §5.5.12).
    ///
    ///     startsec ::= section_8(funcidx)
    mutating func start(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) {
        let place = cursor.offset
        let index = try cursor.index(bytes)
        guard let type = context.function(index) else { throw .invalid("unknown function \(index)", at: place) }
        guard type.parameters.count == 0, type.results.count == 0 else {
            throw .invalid("start function must take and give nothing", at: place)
        }
        module.start = index
    }

    /// Element segments (spec §5.5.13).
    ///
    ///     elemsec ::= section_9(list(elem))
    ///     elem    ::= 0 expr list(funcidx) | 1 elemkind list(funcidx) | 2 tableidx expr elemkind list(funcidx)
    ///               | 3 elemkind list(funcidx) | 4 expr list(expr) | 5 reftype list(expr)
    ///               | 6 tableidx expr reftype list(expr) | 7 reftype list(expr)
    ///     elemkind ::= 0x00
    mutating func elements(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) {
        let count = try count(bytes, &cursor, of: "element segments", limit: ModuleLimit.elementSegments)
        for segment in 0..<count {
            let start = cursor.offset
            let flags = try cursor.index(bytes)
            guard flags < 8 else { throw .malformed("malformed elements segment kind", at: start) }
            let (isActive, isExplicit, hasExpressions) = (flags & 1 == 0, flags & 2 != 0, flags & 4 != 0)
            if flags != 0 { context.features.insert(flags & 3 == 0 ? .referenceTypes : .bulkMemory) }
            let table = isActive ? try activeTable(isExplicit, bytes, &cursor) : nil
            var type = hasExpressions ? ValueType.funcref : ValueType(.function, isNullable: false)
            if !isActive || isExplicit {
                if hasExpressions {
                    type = try context.referenceType(bytes, &cursor)
                } else {
                    let place = cursor.offset
                    guard try cursor.byte(of: bytes, "the kind of elements") == 0 else {
                        throw .malformed("malformed element kind", at: place)
                    }
                }
            }
            if let table, try !validator.matches(type, table.type.element) {
                throw .invalid("type mismatch: elements of \(type) for a table of \(table.type.element)", at: start)
            }
            let size = try self.count(bytes, &cursor, of: "elements in a segment", limit: ModuleLimit.tableElements)
            for _ in 0..<size {
                if hasExpressions {
                    try validator.validateConstant(bytes, &cursor, type)
                } else {
                    let place = cursor.offset
                    let index = try cursor.index(bytes)
                    try require(index, below: context.functions.count, "function", at: place)
                    context.declare(function: index)
                }
            }
            context.elements.append(type)
            if let table, let place = table.place {
                self.place(
                    MisplacedSegment(
                        kind: .elements,
                        index: segment,
                        start: place,
                        count: UInt64(size),
                        room: table.type.minimum,
                        offset: start
                    )
                )
            }
        }
    }

    /// The table of an active segment, and where in it the elements go.
    private mutating func activeTable(
        _ isExplicit: Bool,
        _ bytes: Span<UInt8>,
        _ cursor: inout Cursor
    ) throws(WasmBinaryError) -> (type: TableType, place: UInt64?) {
        let start = cursor.offset
        let index = isExplicit ? try cursor.index(bytes) : 0
        try require(index, below: context.tables.count, "table", at: start)
        return (module.tables[index], try constant(bytes, &cursor, context.tables[index].address))
    }

    /// How many data segments there are (spec §5.5.17).
    ///
    ///     datacountsec ::= section_12(u32)
    mutating func dataCount(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) {
        let start = cursor.offset
        let count = try cursor.index(bytes)
        guard count <= ModuleLimit.dataSegments else {
            throw .tooMany("data segments", count, limit: ModuleLimit.dataSegments, at: start)
        }
        context.features.insert(.bulkMemory)
        context.dataCount = count
    }

    /// Code (spec §5.5.14).
    ///
    ///     codesec ::= section_10(list(code))        code ::= size:u32 func
    mutating func code(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) {
        let count = try count(bytes, &cursor, of: "function bodies", limit: ModuleLimit.functions)
        guard count == declaredCount else {
            throw .malformed("function and code section have inconsistent lengths", at: cursor.offset)
        }
        let imported = context.functions.count - declaredCount
        // Outside of code, exceptions of both kinds may have the same types.
        context.namesExceptionReferences = false
        for index in imported..<imported + count {
            let start = cursor.offset
            let size = try cursor.index(bytes)
            guard size <= ModuleLimit.functionSize else {
                throw .tooMany("bytes in a function", size, limit: ModuleLimit.functionSize, at: start)
            }
            guard size <= cursor.remaining else { throw .malformed("unexpected end", at: cursor.end) }
            var body = Cursor(offset: cursor.offset, end: cursor.offset + size)
            cursor.skip(size)
            do throws(WasmBinaryError) {
                try validator.validate(function: index, bytes, &body)
            } catch {
                throw error.inFunction(index)
            }
            guard !context.namesExceptionReferences || !context.features.contains(.legacyExceptions) else {
                throw .twoKindsOfExceptions(at: start)
            }
        }
        bodyCount = count
    }

    /// Data segments (spec §5.5.15).
    ///
    ///     datasec ::= section_11(list(data))
    ///     data    ::= 0 expr list(byte) | 1 list(byte) | 2 memidx expr list(byte)
    mutating func data(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) {
        let count = try count(bytes, &cursor, of: "data segments", limit: ModuleLimit.dataSegments)
        for segment in 0..<count {
            let start = cursor.offset
            let flags = try cursor.index(bytes)
            guard flags < 3 else { throw .malformed("malformed data segment kind", at: start) }
            var memory: (room: UInt64, place: UInt64?)?
            if flags != 1 {
                let place = cursor.offset
                let index = flags == 2 ? try cursor.index(bytes) : 0
                try require(index, below: context.memories.count, "memory", at: place)
                let room = module.memories[index].minimum << 16
                memory = (room, try constant(bytes, &cursor, context.memories[index].address))
            } else {
                context.features.insert(.bulkMemory)
            }
            let place = cursor.offset
            let size = try cursor.index(bytes)
            guard size <= cursor.remaining else { throw .malformed("length out of bounds", at: place) }
            cursor.skip(size)
            if let memory, let place = memory.place {
                self.place(
                    MisplacedSegment(
                        kind: .data,
                        index: segment,
                        start: place,
                        count: UInt64(size),
                        room: memory.room,
                        offset: start
                    )
                )
            }
        }
        dataSegmentCount = count
    }

    private func require(_ index: Int, below count: Int, _ what: String, at offset: Int) throws(WasmBinaryError) {
        guard index < count else { throw .invalid("unknown \(what) \(index)", at: offset) }
    }
}
