// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Validates code: one function or constant expression after another, by the algorithm of the specification's appendix
/// ("Validation Algorithm").
///
/// It keeps two stacks: of the types of operands, and of frames, one for each block that is open. Both keep their memory
/// from one function to the next, so that an instruction allocates nothing.
struct FunctionValidator {
    /// A block that is open.
    struct Frame {
        /// How it was opened: as a block, a loop, a branch of `if`, or the function itself.
        var form: Form
        /// What it takes.
        let start: ValueTypes
        /// What it gives.
        let end: ValueTypes
        /// How many operands lie below it.
        let base: Int32
        /// How many locals had been set for the first time before it.
        let initialized: Int32
        /// Whether its code can't be reached from here on.
        var isUnreachable = false
    }

    var context = ModuleContext()
    private let table = InstructionTable.shared
    /// The operands' types; above ``height`` is what was there before.
    private(set) var stack: ContiguousArray<ValueType> = []
    private(set) var height = 0
    /// The frames outside of the innermost.
    var outer: ContiguousArray<Frame> = []
    var frame = Frame(form: .block, start: .none, end: .none, base: 0, initialized: 0)
    /// The types of the function's parameters and locals.
    var locals: ContiguousArray<ValueType> = []
    /// Which locals have a value; empty if all of them always have.
    var isInitialized: ContiguousArray<Bool> = []
    /// The locals that got their value here, in that order.
    var initialized: ContiguousArray<Int> = []
    /// How many more steps of work there may be in this module: of what takes many in a few bytes, each is counted.
    private var steps: Int
    /// Whether a constant expression is validated.
    var isConstant = false
    /// Where the instruction begins.
    var start = 0

    /// A validator of the code of one module.
    ///
    /// - Parameter size: The module's size, in bytes.
    init(moduleOf size: Int) { steps = ModuleLimit.steps + ModuleLimit.stepsPerByte * size }

    // MARK: - Functions and expressions

    /// Validates a body (spec §3.4.11): its locals and its code, up to the end of the cursor.
    ///
    ///     func ::= list(locals) expr        locals ::= n:u32 valtype
    mutating func validate(
        function index: Int,
        _ bytes: Span<UInt8>,
        _ cursor: inout Cursor
    ) throws(WasmBinaryError) {
        guard let type = context.function(index) else { return }
        try readLocals(of: type, bytes, &cursor)
        isConstant = false
        try validate(giving: type.results, bytes, &cursor)
        guard cursor.remaining == 0 else { throw .malformed("END opcode expected", at: cursor.offset) }
    }

    /// Validates a constant expression (spec §3.4.12) of a type, up to its `end`.
    mutating func validateConstant(
        _ bytes: Span<UInt8>,
        _ cursor: inout Cursor,
        _ type: ValueType
    ) throws(WasmBinaryError) {
        locals.removeAll(keepingCapacity: true)
        isInitialized.removeAll(keepingCapacity: true)
        isConstant = true
        try validate(giving: ValueTypes(type), bytes, &cursor)
    }

    private mutating func readLocals(
        of type: FunctionType,
        _ bytes: Span<UInt8>,
        _ cursor: inout Cursor
    ) throws(WasmBinaryError) {
        locals.removeAll(keepingCapacity: true)
        isInitialized.removeAll(keepingCapacity: true)
        start = cursor.offset
        try spend(type.parameters.count)
        locals += context.types.pool[type.parameters.range]
        let groups = try cursor.index(bytes)
        var needsValues = false
        for _ in 0..<groups {
            let place = cursor.offset
            let count = try cursor.index(bytes)
            let local = try context.valueType(bytes, &cursor)
            guard locals.count + count <= ModuleLimit.locals else {
                throw .tooMany("locals", locals.count + count, limit: ModuleLimit.locals, at: place)
            }
            try spend(count)
            needsValues = needsValues || !local.isDefaultable
            locals += repeatElement(local, count: count)
        }
        guard needsValues else { return }
        isInitialized += locals.map(\.isDefaultable)
        for index in 0..<type.parameters.count { isInitialized[index] = true }
    }

    private mutating func validate(
        giving results: ValueTypes,
        _ bytes: Span<UInt8>,
        _ cursor: inout Cursor
    ) throws(WasmBinaryError) {
        height = 0
        outer.removeAll(keepingCapacity: true)
        initialized.removeAll(keepingCapacity: true)
        frame = Frame(form: .block, start: .none, end: results, base: 0, initialized: 0)
        while cursor.offset < cursor.end {
            start = cursor.offset
            let opcode = bytes[start]
            cursor.skip(1)
            var rule = table.oneByte[Int(opcode)]
            if rule.form == .unknown { rule = try longRule(opcode, bytes, &cursor) }
            context.features.insert(rule.feature)
            if isConstant, !rule.form.isConstant(opcode) { throw .invalid("constant expression required", at: start) }
            switch rule.form {
            case .none: break
            case .i32Constant: _ = try cursor.signed(bytes, bits: 32)
            case .i64Constant: _ = try cursor.signed(bytes, bits: 64)
            case .f32Constant: try cursor.skipConstant(4)
            case .f64Constant: try cursor.skipConstant(8)
            case .localGet:
                push(try local(bytes, &cursor))
                continue
            case .localSet:
                try popLocal(try localIndex(bytes, &cursor))
                continue
            case .localTee:
                let index = try localIndex(bytes, &cursor)
                try popLocal(index)
                push(locals[index])
                continue
            case .end:
                if try end() { return }
                continue
            case .memory, .memoryLane, .atomic:
                try access(rule, bytes, &cursor)
                continue
            case .lane: try lane(below: rule.laneCount, bytes, &cursor)
            case .shuffle: for _ in 0..<16 { try lane(below: 32, bytes, &cursor) }
            case .vectorConstant: try cursor.skipConstant(16)
            case .fence:
                let place = cursor.offset
                guard try cursor.byte(of: bytes, "a fence") == 0 else {
                    throw .malformed("zero byte expected", at: place)
                }
            default:
                try validate(rule.form, bytes, &cursor)
                continue
            }
            try apply(rule, address: .i32)
        }
        throw .malformed("unexpected end", at: cursor.end)
    }

    /// The rule of an instruction with a prefix.
    private func longRule(
        _ prefix: UInt8,
        _ bytes: Span<UInt8>,
        _ cursor: inout Cursor
    ) throws(WasmBinaryError) -> InstructionRule {
        guard InstructionTable.prefixes.contains(prefix) else { throw unknownInstruction(nil, Int(prefix)) }
        let code = try cursor.index(bytes)
        let rule = table.rule(behind: prefix, code)
        guard rule.form != .unknown else { throw unknownInstruction(prefix, code) }
        return rule
    }

    // MARK: - Operands

    /// Pops what an instruction takes, and pushes what it gives.
    @inline(__always)
    mutating func apply(_ rule: InstructionRule, address: ValueType) throws(WasmBinaryError) {
        var operands = rule.operands
        for _ in 0..<rule.operandCount {
            let code = operands & 0xf
            try pop(code == 0xf ? address : ValueType(bits: UInt32(code)))
            operands >>= 4
        }
        if rule.result != 0 { push(ValueType(bits: UInt32(rule.result))) }
    }

    @inline(__always)
    mutating func push(_ type: ValueType) {
        if height < stack.count { stack[height] = type } else { stack.append(type) }
        height += 1
    }

    /// Pops an operand of a type, or of one below it.
    @inline(__always)
    mutating func pop(_ expected: ValueType) throws(WasmBinaryError) {
        if height > Int(frame.base), stack[height - 1] == expected {
            height -= 1
        } else {
            try popOther(expected)
        }
    }

    private mutating func popOther(_ expected: ValueType) throws(WasmBinaryError) {
        let found = try pop(of: expected.description)
        guard try matches(found, expected) else { throw mismatch("\(expected)", found) }
    }

    /// Pops an operand of any type.
    mutating func pop(of expected: @autoclosure () -> String = "a value") throws(WasmBinaryError) -> ValueType {
        guard height > Int(frame.base) else {
            guard frame.isUnreachable else { throw mismatch(expected(), nil) }
            return .bottom
        }
        height -= 1
        return stack[height]
    }

    /// Pops a reference of any type.
    mutating func popReference() throws(WasmBinaryError) -> ValueType {
        let found = try pop(of: "a reference")
        if found == .bottom { return ValueType(.bottom, isNullable: false) }
        guard found.isReference else { throw mismatch("a reference", found) }
        return found
    }

    /// Notes that there were several steps of work.
    mutating func spend(_ count: Int) throws(WasmBinaryError) {
        steps -= count
        guard steps >= 0 else { throw .tooCostly(at: start) }
    }

    /// Whether a value of one type is one of another; each type above the first may be a step.
    mutating func matches(_ type: ValueType, _ other: ValueType) throws(WasmBinaryError) -> Bool {
        try spend(context.types.depth(of: type))
        return context.types.matches(type, other)
    }

    /// Whether values in a row are as many as others, and each is one of its type.
    mutating func matches(_ types: ValueTypes, _ others: ValueTypes) throws(WasmBinaryError) -> Bool {
        guard types.count == others.count else { return false }
        try spend(types.count)
        for index in 0..<types.count {
            guard try matches(context.types[types, index], context.types[others, index]) else { return false }
        }
        return true
    }

    /// Pops several, the last first.
    mutating func pop(_ types: ValueTypes) throws(WasmBinaryError) {
        try spend(types.count)
        var index = types.count - 1
        while index >= 0 {
            try pop(context.types[types, index])
            index -= 1
        }
    }

    /// Pushes several, the last on top.
    mutating func push(_ types: ValueTypes) throws(WasmBinaryError) {
        try spend(types.count)
        guard types.count < 2 || height + types.count <= ModuleLimit.operands else {
            throw .tooMany("operands at once", height + types.count, ours: ModuleLimit.operands, at: start)
        }
        for index in 0..<types.count { push(context.types[types, index]) }
    }

    /// Requires several on top, and leaves them as the types that are asked for.
    mutating func require(_ types: ValueTypes) throws(WasmBinaryError) {
        try pop(types)
        try push(types)
    }

    /// Notes that what follows can't be reached.
    mutating func becomeUnreachable() {
        height = Int(frame.base)
        frame.isUnreachable = true
    }

    // MARK: - Errors

    private func mismatch(_ expected: String, _ found: ValueType?) -> WasmBinaryError {
        let there = found.map { "\($0)" } ?? "nothing"
        return .invalid("type mismatch: \(expected) is expected, and \(there) is there", at: start)
    }

    private func unknownInstruction(_ prefix: UInt8?, _ code: Int) -> WasmBinaryError {
        if let proposal = UnsupportedProposal.ofInstruction(prefix, code) { return .unsupported(proposal, at: start) }
        let name = [prefix.map { Int($0) }, code].compactMap(\.self).map { String($0, radix: 16) }.joined(
            separator: " "
        )
        return .malformed("illegal opcode \(name)", at: start)
    }
}
