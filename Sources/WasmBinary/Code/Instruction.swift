// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// One instruction: its opcode, its name, what it takes and gives, and what follows its opcode.
///
/// The tables are data, in the order of the specification's binary grammar (§5.4). An instruction whose operands depend on more
/// than its opcode has a form of its own, and ``FunctionValidator`` has the rule.
struct Instruction: Sendable {
    /// What an instruction takes, where its opcode alone tells: a type, or an address of the memory that it names.
    enum Operand: UInt8, Sendable {
        case i32 = 1
        case i64 = 2
        case f32 = 3
        case f64 = 4
        case v128 = 5
        /// An i32, or an i64 for a memory with addresses of 64 bits.
        case address = 15
    }

    /// The first byte of a longer opcode; nil if there is only one.
    let prefix: UInt8?
    /// The opcode behind the prefix.
    let code: Int
    /// As the text format spells it.
    let name: String
    /// What it takes from the stack, the last on top.
    let operands: [Operand]
    /// What it puts there.
    let result: Operand?
    /// What follows the opcode.
    let immediate: Immediate

    /// An instruction of one byte.
    init(
        _ code: Int,
        _ name: String,
        _ operands: [Operand] = [],
        _ result: Operand? = nil,
        _ immediate: Immediate = .none
    ) {
        (prefix, self.code, self.name) = (nil, code, name)
        (self.operands, self.result, self.immediate) = (operands, result, immediate)
    }

    /// An instruction of one byte with a form of its own.
    init(_ code: Int, _ name: String, _ form: Form) {
        self.init(code, name, [], nil, Immediate(form: form))
    }

    /// An instruction behind a prefix with a form of its own.
    init(_ prefix: UInt8, _ code: Int, _ name: String, _ form: Form) {
        self.init(prefix, code, name, [], nil, Immediate(form: form))
    }

    /// An instruction of one byte that gives nothing.
    init(_ code: Int, _ name: String, _ operands: [Operand] = [], _ immediate: Immediate) {
        self.init(code, name, operands, nil, immediate)
    }

    /// An instruction behind a prefix.
    init(
        _ prefix: UInt8,
        _ code: Int,
        _ name: String,
        _ operands: [Operand] = [],
        _ result: Operand? = nil,
        _ immediate: Immediate = .none
    ) {
        (self.prefix, self.code, self.name) = (prefix, code, name)
        (self.operands, self.result, self.immediate) = (operands, result, immediate)
    }

    /// An instruction behind a prefix that gives nothing.
    init(_ prefix: UInt8, _ code: Int, _ name: String, _ operands: [Operand] = [], _ immediate: Immediate) {
        self.init(prefix, code, name, operands, nil, immediate)
    }
}

/// What follows an opcode, by form; those of the second group decide what the instruction takes and gives.
enum Form: UInt8, Sendable {
    /// There is no such instruction.
    case unknown
    // Rules that the table has.
    case none
    case memory
    case memoryLane
    case lane
    case shuffle
    case vectorConstant
    case atomic
    case fence
    case i32Constant
    case i64Constant
    case f32Constant
    case f64Constant
    // Control instructions (§5.4.1).
    case unreachable
    case nop
    case block
    case loop
    case `if`
    case `else`
    case end
    case br
    case brIf
    case brTable
    case `return`
    case call
    case callIndirect
    case returnCall
    case returnCallIndirect
    case callReference
    case returnCallReference
    case `throw`
    case throwReference
    case tryTable
    // Control instructions of the exception handling that came before it.
    case `try`
    case `catch`
    case rethrow
    case delegate
    case catchAll
    // References (§5.4.2).
    case refNull
    case refIsNull
    case refFunction
    case refEqual
    case refAsNonNull
    case brOnNull
    case brOnNonNull
    case structNew
    case structNewDefault
    case structGet
    case structGetSigned
    case structGetUnsigned
    case structSet
    case arrayNew
    case arrayNewDefault
    case arrayNewFixed
    case arrayNewData
    case arrayNewElement
    case arrayGet
    case arrayGetSigned
    case arrayGetUnsigned
    case arraySet
    case arrayLength
    case arrayFill
    case arrayCopy
    case arrayInitData
    case arrayInitElement
    case refTest
    case refTestNull
    case refCast
    case refCastNull
    case brOnCast
    case brOnCastFail
    case anyConvertExternal
    case externalConvertAny
    case refI31
    case i31Get
    // Parametric and variable instructions (§5.4.3, §5.4.4).
    case drop
    case select
    case selectTyped
    case localGet
    case localSet
    case localTee
    case globalGet
    case globalSet
    // Tables (§5.4.5).
    case tableGet
    case tableSet
    case tableInit
    case elementDrop
    case tableCopy
    case tableGrow
    case tableSize
    case tableFill
    // Memories (§5.4.6).
    case memorySize
    case memoryGrow
    case memoryInit
    case dataDrop
    case memoryCopy
    case memoryFill
}

/// What follows an opcode.
struct Immediate: Sendable {
    let form: Form
    /// The greatest alignment, as an exponent of two: that of the access (§3.4.6).
    var align: UInt8 = 0
    /// How many lanes there are.
    var count: UInt8 = 0

    static let none = Immediate(form: .none)
    static let fence = Immediate(form: .fence)
    static let shuffle = Immediate(form: .shuffle)
    static let vectorConstant = Immediate(form: .vectorConstant)

    static func memory(align: UInt8) -> Immediate { Immediate(form: .memory, align: align) }
    static func atomic(align: UInt8) -> Immediate { Immediate(form: .atomic, align: align) }
    static func lane(count: UInt8) -> Immediate { Immediate(form: .lane, count: count) }
    static func memoryLane(align: UInt8, count: UInt8) -> Immediate {
        Immediate(form: .memoryLane, align: align, count: count)
    }
    static func of(_ form: Form) -> Immediate { Immediate(form: form) }
}

/// An instruction as the validator looks it up: a few bytes, without references.
struct InstructionRule: Sendable {
    let form: Form
    let align: UInt8
    let laneCount: UInt8
    /// How many operands there are.
    let operandCount: UInt8
    /// The operands, four bits each, the last lowest; they are popped from there.
    let operands: UInt16
    /// What is put on the stack; 0 for nothing.
    let result: UInt8
    let feature: Feature

    /// What is no instruction.
    static let unknown = InstructionRule()

    private init() {
        (form, align, laneCount, operandCount, operands, result, feature) = (.unknown, 0, 0, 0, 0, 0, .core)
    }

    init(_ instruction: Instruction, _ feature: Feature) {
        form = instruction.immediate.form
        align = instruction.immediate.align
        laneCount = instruction.immediate.count
        operandCount = UInt8(instruction.operands.count)
        operands = instruction.operands.reduce(0) { $0 << 4 | UInt16($1.rawValue) }
        result = instruction.result?.rawValue ?? 0
        self.feature = feature
    }
}
