// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

extension Instruction {
    /// Control instructions (spec §5.4.1).
    static let control: [Instruction] = [
        .init(0x00, "unreachable", .unreachable),
        .init(0x01, "nop", .nop),
        .init(0x02, "block", .block),
        .init(0x03, "loop", .loop),
        .init(0x04, "if", .if),
        .init(0x05, "else", .else),
        .init(0x0b, "end", .end),
        .init(0x0c, "br", .br),
        .init(0x0d, "br_if", .brIf),
        .init(0x0e, "br_table", .brTable),
        .init(0x0f, "return", .return),
        .init(0x10, "call", .call),
        .init(0x11, "call_indirect", .callIndirect),
    ]

    /// Calls that end the function (spec §5.4.1).
    static let tailCall: [Instruction] = [
        .init(0x12, "return_call", .returnCall),
        .init(0x13, "return_call_indirect", .returnCallIndirect),
    ]

    /// Exceptions (spec §5.4.1).
    static let exceptions: [Instruction] = [
        .init(0x08, "throw", .throw),
        .init(0x0a, "throw_ref", .throwReference),
        .init(0x1f, "try_table", .tryTable),
    ]

    /// Exceptions as they were before (exception-handling proposal, legacy, "Binary format").
    static let legacyExceptions: [Instruction] = [
        .init(0x06, "try", .try),
        .init(0x07, "catch", .catch),
        .init(0x09, "rethrow", .rethrow),
        .init(0x18, "delegate", .delegate),
        .init(0x19, "catch_all", .catchAll),
    ]

    /// Parametric and variable instructions (spec §5.4.3, §5.4.4).
    static let variables: [Instruction] = [
        .init(0x1a, "drop", .drop),
        .init(0x1b, "select", .select),
        .init(0x20, "local.get", .localGet),
        .init(0x21, "local.set", .localSet),
        .init(0x22, "local.tee", .localTee),
        .init(0x23, "global.get", .globalGet),
        .init(0x24, "global.set", .globalSet),
    ]

    /// Constants (spec §5.4.7).
    static let constants: [Instruction] = [
        .init(0x41, "i32.const", [], .i32, .of(.i32Constant)),
        .init(0x42, "i64.const", [], .i64, .of(.i64Constant)),
        .init(0x43, "f32.const", [], .f32, .of(.f32Constant)),
        .init(0x44, "f64.const", [], .f64, .of(.f64Constant)),
    ]
}
