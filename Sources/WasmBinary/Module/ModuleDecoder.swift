// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Decodes and validates a whole module, in one pass over its bytes.
///
/// 1. ``SectionWalk`` finds the sections, and that each is there once and in its place.
/// 2. Each section is decoded by an extension of this type, which begins with its grammar, and validated at once: whatever
///    a section refers to stands before it.
/// 3. Code is validated by a ``FunctionValidator``, one function after the other.
/// 4. At the end, counts that two sections tell have to agree.
struct ModuleDecoder {
    var validator: FunctionValidator
    var module = CoreModule()
    /// What has been declared so far.
    ///
    /// The validator has it, so that no expression copies it.
    var context: ModuleContext {
        _read { yield validator.context }
        _modify { yield &validator.context }
    }

    /// How many functions the function section has declared, and how many bodies there are.
    var declaredCount = 0
    var bodyCount = 0
    var dataSegmentCount = 0
    /// What each global holds for good, as far as it is an integer and known.
    var globalValues: ContiguousArray<UInt64?> = []

    mutating func decode(_ section: Section, _ bytes: Span<UInt8>) throws(WasmBinaryError) {
        var cursor = Cursor(offset: section.content.lowerBound, end: section.content.upperBound)
        switch section.kind {
        case .custom: return
        case .type: try types(bytes, &cursor)
        case .import: try imports(bytes, &cursor)
        case .function: try functions(bytes, &cursor)
        case .table: try tables(bytes, &cursor)
        case .memory: try memories(bytes, &cursor)
        case .tag: try tags(bytes, &cursor)
        case .global: try globals(bytes, &cursor)
        case .export: try exports(bytes, &cursor)
        case .start: try start(bytes, &cursor)
        case .element: try elements(bytes, &cursor)
        case .dataCount: try dataCount(bytes, &cursor)
        case .code: try code(bytes, &cursor)
        case .data: try data(bytes, &cursor)
        }
        guard cursor.remaining == 0 else { throw .malformed("section size mismatch", at: cursor.offset) }
    }

    /// What two sections tell has to agree (spec §5.5.16).
    mutating func finish(at offset: Int) throws(WasmBinaryError) {
        guard declaredCount == bodyCount else {
            throw .malformed("function and code section have inconsistent lengths", at: offset)
        }
        guard context.dataCount == nil || context.dataCount == dataSegmentCount else {
            throw .malformed("data count and data section have inconsistent lengths", at: offset)
        }
        module.functionCount = context.functions.count
        module.features = context.features
        module.types = context.types
    }

    /// How many of something a vector has (spec §5.1.3): no more than there are bytes for, each having one at least.
    func count(
        _ bytes: Span<UInt8>,
        _ cursor: inout Cursor,
        of what: String,
        limit: Int,
        besides others: Int = 0
    ) throws(WasmBinaryError) -> Int {
        let start = cursor.offset
        let count = try cursor.index(bytes)
        guard count + others <= limit else { throw .tooMany(what, count + others, limit: limit, at: start) }
        guard count <= cursor.remaining else { throw .malformed("length out of bounds", at: start) }
        return count
    }
}

extension CoreModule {
    /// Decodes and validates a module.
    ///
    /// - Parameters:
    ///   - bytes: All of it.
    ///   - visit: Is told of each section.
    /// - Throws: ``WasmBinaryError``: the first rule that is broken, and where.
    package init(
        decoding bytes: Span<UInt8>,
        _ visit: (Section) -> Void = { _ in }
    ) throws(WasmBinaryError) {
        var decoder = ModuleDecoder(validator: FunctionValidator(moduleOf: bytes.count))
        try SectionWalk.walk(over: bytes) { section throws(WasmBinaryError) in
            visit(section)
            try decoder.decode(section, bytes)
        }
        try decoder.finish(at: bytes.count)
        self = decoder.module
    }
}
