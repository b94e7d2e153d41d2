// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

// The type section (spec §5.5.4).
//
//     typesec  ::= section_1(list(rectype))
//     rectype  ::= 0x4E list(subtype) | subtype
//     subtype  ::= 0x50 list(typeidx) comptype | 0x4F list(typeidx) comptype | comptype      (open, final, final)
//     comptype ::= 0x5E fieldtype | 0x5F list(fieldtype) | 0x60 list(valtype) list(valtype)
extension ModuleDecoder {
    mutating func types(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) {
        let count = try count(bytes, &cursor, of: "types", limit: ModuleLimit.types)
        for _ in 0..<count {
            guard cursor.remaining > 0, bytes[cursor.offset] == 0x4e else {
                try group(of: 1, bytes, &cursor)
                continue
            }
            cursor.skip(1)
            context.features.insert(.garbageCollection)
            let size = try self.count(
                bytes,
                &cursor,
                of: "types",
                limit: ModuleLimit.types,
                besides: context.types.count
            )
            try group(of: size, bytes, &cursor)
        }
    }

    private mutating func group(
        of count: Int,
        _ bytes: Span<UInt8>,
        _ cursor: inout Cursor
    ) throws(WasmBinaryError) {
        let start = context.types.count
        guard start + count <= ModuleLimit.types else {
            throw .tooMany("types", start + count, limit: ModuleLimit.types, at: cursor.offset)
        }
        let place = cursor.offset
        context.types.beginGroup(of: count)
        for index in 0..<count { try subtype(start + index, isAlone: count == 1, bytes, &cursor) }
        for index in start..<start + count { try requireFit(index, at: place) }
        context.types.endGroup(at: start)
    }

    private mutating func subtype(
        _ index: Int,
        isAlone: Bool,
        _ bytes: Span<UInt8>,
        _ cursor: inout Cursor
    ) throws(WasmBinaryError) {
        var isFinal = true
        var supertype: Int?
        if cursor.remaining > 0, bytes[cursor.offset] == 0x50 || bytes[cursor.offset] == 0x4f {
            isFinal = bytes[cursor.offset] == 0x4f
            cursor.skip(1)
            context.features.insert(.garbageCollection)
            let start = cursor.offset
            let count = try cursor.index(bytes)
            guard count < 2 else { throw .invalid("sub type: at most one type can be above another", at: start) }
            if count == 1 {
                let above = try cursor.index(bytes)
                guard above < index else { throw .invalid("unknown type \(above)", at: start) }
                supertype = Int(context.types.canonical[above])
            }
        }
        let composite = try composite(bytes, &cursor)
        var depth = 0
        if let supertype { depth = Int(context.types.types[supertype].depth) + 1 }
        guard depth <= ModuleLimit.subtypeDepth else {
            throw .tooMany("types above a type", depth, limit: ModuleLimit.subtypeDepth, at: cursor.offset)
        }
        context.types.add(DefinedType(composite, below: supertype, depth: depth, isFinal: isFinal, isAlone: isAlone))
    }

    private mutating func composite(
        _ bytes: Span<UInt8>,
        _ cursor: inout Cursor
    ) throws(WasmBinaryError) -> DefinedType.Composite {
        let start = cursor.offset
        let form = try cursor.byte(of: bytes, "a type")
        switch form {
        case 0x60:
            let parameters = try values(bytes, &cursor, of: "parameters", limit: ModuleLimit.parameters)
            let results = try values(bytes, &cursor, of: "results", limit: ModuleLimit.results)
            if results.count > 1 { context.features.insert(.multiValue) }
            return .function(FunctionType(parameters: parameters, results: results))
        case 0x5f:
            context.features.insert(.garbageCollection)
            let count = try count(bytes, &cursor, of: "fields of a structure", limit: ModuleLimit.fields)
            try requireRoom(for: count, at: start)
            var fields: [FieldType] = []
            for _ in 0..<count { fields.append(try context.fieldType(bytes, &cursor)) }
            return .structure(context.types.add(fields))
        case 0x5e:
            context.features.insert(.garbageCollection)
            return .array(try context.fieldType(bytes, &cursor))
        default:
            if let proposal = UnsupportedProposal.ofDefinedType(form) { throw .unsupported(proposal, at: start) }
            throw .malformed("malformed type", at: start)
        }
    }

    private mutating func values(
        _ bytes: Span<UInt8>,
        _ cursor: inout Cursor,
        of what: String,
        limit: Int
    ) throws(WasmBinaryError) -> ValueTypes {
        let start = cursor.offset
        let count = try count(bytes, &cursor, of: "\(what) of a function", limit: limit)
        try requireRoom(for: count, at: start)
        var values: [ValueType] = []
        for _ in 0..<count { values.append(try context.valueType(bytes, &cursor)) }
        return context.types.add(values)
    }

    /// What types have together is limited, whatever each may have.
    private func requireRoom(for more: Int, at offset: Int) throws(WasmBinaryError) {
        let all = context.types.valueCount + more
        guard all <= ModuleLimit.typeValues else {
            throw WasmBinaryError(
                code: .tooLarge,
                message: "its types have more than \(ModuleLimit.typeValues) parameters, results and fields together",
                offset: offset
            )
        }
    }

    /// A type that is declared to be below another has to be (spec §3.2.11).
    private func requireFit(_ index: Int, at offset: Int) throws(WasmBinaryError) {
        let type = context.types.types[index]
        guard let supertype = type.supertype else { return }
        let above = context.types.types[supertype]
        guard !above.isFinal else { throw .invalid("sub type: type \(supertype) is final", at: offset) }
        guard context.types.fits(type.composite, below: above.composite) else {
            throw .invalid("sub type: type \(index) does not match type \(supertype)", at: offset)
        }
    }
}
