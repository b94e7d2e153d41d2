// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

extension Instruction {
    /// References, and tables of them (spec §5.4.2, §5.4.5; the reference types of version 2.0).
    static let references: [Instruction] = [
        .init(0x1c, "select t", .selectTyped),
        .init(0x25, "table.get", .tableGet),
        .init(0x26, "table.set", .tableSet),
        .init(0xd0, "ref.null", .refNull),
        .init(0xd1, "ref.is_null", .refIsNull),
        .init(0xd2, "ref.func", .refFunction),
        .init(0xfc, 15, "table.grow", .tableGrow),
        .init(0xfc, 16, "table.size", .tableSize),
        .init(0xfc, 17, "table.fill", .tableFill),
    ]

    /// Many bytes or elements at once (spec §5.4.5, §5.4.6).
    static let bulk: [Instruction] = [
        .init(0xfc, 8, "memory.init", .memoryInit),
        .init(0xfc, 9, "data.drop", .dataDrop),
        .init(0xfc, 10, "memory.copy", .memoryCopy),
        .init(0xfc, 11, "memory.fill", .memoryFill),
        .init(0xfc, 12, "table.init", .tableInit),
        .init(0xfc, 13, "elem.drop", .elementDrop),
        .init(0xfc, 14, "table.copy", .tableCopy),
    ]

    /// The size of a memory (spec §5.4.6).
    static let memorySize: [Instruction] = [
        .init(0x3f, "memory.size", .memorySize),
        .init(0x40, "memory.grow", .memoryGrow),
    ]

    /// References to functions of a type (spec §5.4.1, §5.4.2).
    static let functionReferences: [Instruction] = [
        .init(0x14, "call_ref", .callReference),
        .init(0x15, "return_call_ref", .returnCallReference),
        .init(0xd4, "ref.as_non_null", .refAsNonNull),
        .init(0xd5, "br_on_null", .brOnNull),
        .init(0xd6, "br_on_non_null", .brOnNonNull),
    ]

    /// Structures and arrays that the host collects (spec §5.4.2).
    static let garbageCollection: [Instruction] = [
        .init(0xd3, "ref.eq", .refEqual),
        .init(0xfb, 0, "struct.new", .structNew),
        .init(0xfb, 1, "struct.new_default", .structNewDefault),
        .init(0xfb, 2, "struct.get", .structGet),
        .init(0xfb, 3, "struct.get_s", .structGetSigned),
        .init(0xfb, 4, "struct.get_u", .structGetUnsigned),
        .init(0xfb, 5, "struct.set", .structSet),
        .init(0xfb, 6, "array.new", .arrayNew),
        .init(0xfb, 7, "array.new_default", .arrayNewDefault),
        .init(0xfb, 8, "array.new_fixed", .arrayNewFixed),
        .init(0xfb, 9, "array.new_data", .arrayNewData),
        .init(0xfb, 10, "array.new_elem", .arrayNewElement),
        .init(0xfb, 11, "array.get", .arrayGet),
        .init(0xfb, 12, "array.get_s", .arrayGetSigned),
        .init(0xfb, 13, "array.get_u", .arrayGetUnsigned),
        .init(0xfb, 14, "array.set", .arraySet),
        .init(0xfb, 15, "array.len", .arrayLength),
        .init(0xfb, 16, "array.fill", .arrayFill),
        .init(0xfb, 17, "array.copy", .arrayCopy),
        .init(0xfb, 18, "array.init_data", .arrayInitData),
        .init(0xfb, 19, "array.init_elem", .arrayInitElement),
        .init(0xfb, 20, "ref.test", .refTest),
        .init(0xfb, 21, "ref.test null", .refTestNull),
        .init(0xfb, 22, "ref.cast", .refCast),
        .init(0xfb, 23, "ref.cast null", .refCastNull),
        .init(0xfb, 24, "br_on_cast", .brOnCast),
        .init(0xfb, 25, "br_on_cast_fail", .brOnCastFail),
        .init(0xfb, 26, "any.convert_extern", .anyConvertExternal),
        .init(0xfb, 27, "extern.convert_any", .externalConvertAny),
        .init(0xfb, 28, "ref.i31", .refI31),
        .init(0xfb, 29, "i31.get_s", .i31Get),
        .init(0xfb, 30, "i31.get_u", .i31Get),
    ]
}
