// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What a module uses beyond the first version of WebAssembly, by the names of the proposals that brought it.
package enum Feature: UInt8, CaseIterable, Sendable {
    /// Version 1.0.
    case core
    case multiValue
    case signExtension
    case saturatingConversions
    case bulkMemory
    case referenceTypes
    case simd
    case tailCalls
    case extendedConstants
    case multipleMemories
    case functionReferences
    case garbageCollection
    case legacyExceptions
    case exceptions
    case relaxedSIMD
    case threads
    case memory64
}

/// Features of a module.
package struct FeatureSet: Hashable, Sendable {
    private var bits: UInt32 = 0

    mutating func insert(_ feature: Feature) { bits |= 1 << UInt32(feature.rawValue) }

    /// Whether a feature is among them.
    package func contains(_ feature: Feature) -> Bool { bits & 1 << UInt32(feature.rawValue) != 0 }

    /// All of them but version 1.0, in the order in which they came.
    package var list: [Feature] { Feature.allCases.filter { $0 != .core && contains($0) } }
}

/// All instructions, looked up by their opcodes.
struct InstructionTable: Sendable {
    static let shared = InstructionTable()

    static let groups: [(instructions: [Instruction], feature: Feature)] = [
        (Instruction.control, .core), (Instruction.variables, .core), (Instruction.memoryAccess, .core),
        (Instruction.memorySize, .core), (Instruction.constants, .core), (Instruction.numeric, .core),
        (Instruction.signExtension, .signExtension), (Instruction.saturating, .saturatingConversions),
        (Instruction.bulk, .bulkMemory), (Instruction.references, .referenceTypes), (Instruction.vector, .simd),
        (Instruction.tailCall, .tailCalls), (Instruction.functionReferences, .functionReferences),
        (Instruction.garbageCollection, .garbageCollection), (Instruction.exceptions, .exceptions),
        (Instruction.legacyExceptions, .legacyExceptions), (Instruction.relaxedVector, .relaxedSIMD),
        (Instruction.atomic, .threads),
    ]

    /// Behind the prefixes that there are.
    static let prefixes: ClosedRange<UInt8> = 0xfb...0xfe

    let oneByte: ContiguousArray<InstructionRule>
    private let prefixed: ContiguousArray<ContiguousArray<InstructionRule>>

    private init() {
        var oneByte = ContiguousArray(repeating: InstructionRule.unknown, count: 256)
        var prefixed = ContiguousArray(
            repeating: ContiguousArray(repeating: InstructionRule.unknown, count: 0x114),
            count: Self.prefixes.count
        )
        for (group, feature) in Self.groups {
            for instruction in group {
                let rule = InstructionRule(instruction, feature)
                if let prefix = instruction.prefix {
                    prefixed[Int(prefix - Self.prefixes.lowerBound)][instruction.code] = rule
                } else {
                    oneByte[instruction.code] = rule
                }
            }
        }
        (self.oneByte, self.prefixed) = (oneByte, prefixed)
    }

    /// The rule of an instruction behind a prefix.
    func rule(behind prefix: UInt8, _ code: Int) -> InstructionRule {
        let rules = prefixed[Int(prefix - Self.prefixes.lowerBound)]
        return code < rules.count ? rules[code] : .unknown
    }
}

extension Form {
    /// Whether a constant expression may have it (spec §3.4.12); of what has no form of its own, a few numeric ones may.
    func isConstant(_ opcode: UInt8) -> Bool {
        switch self {
        case .i32Constant, .i64Constant, .f32Constant, .f64Constant, .vectorConstant, .end: true
        case .refNull, .refFunction, .globalGet, .refI31: true
        case .structNew, .structNewDefault, .arrayNew, .arrayNewDefault, .arrayNewFixed: true
        case .anyConvertExternal, .externalConvertAny: true
        // i32.add, i32.sub, i32.mul, i64.add, i64.sub, i64.mul
        case .none: (0x6a...0x6c).contains(opcode) || (0x7c...0x7e).contains(opcode)
        default: false
        }
    }
}
