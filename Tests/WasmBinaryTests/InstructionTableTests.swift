// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Testing

@testable import WasmBinary

@Suite("The table of instructions")
struct InstructionTableTests {
    @Test("has each opcode and each name once")
    func unique() {
        let all = InstructionTable.groups.flatMap(\.instructions)
        #expect(Set(all.map { "\($0.prefix ?? 0) \($0.code)" }).count == all.count)
        #expect(Set(all.map(\.name)).count == all.count)
    }

    // Spec, appendix "Index of Instructions": as many as it lists behind each opcode.
    @Test(
        "has as many as the specification's index",
        arguments: [(0xfb, 31), (0xfc, 18), (0xfd, 256), (0xfe, 67)] as [(UInt8, Int)]
    )
    func counts(_ prefix: UInt8, _ count: Int) {
        #expect(InstructionTable.groups.flatMap(\.instructions).count { $0.prefix == prefix } == count)
    }

    @Test(
        "knows what instructions take and give",
        arguments: [
            (0x6a, nil, "i32.add", "i32 i32 -> i32"), (0xa0, nil, "f64.add", "f64 f64 -> f64"),
            (0xac, nil, "i64.extend_i32_s", "i32 -> i64"), (0xbf, nil, "f64.reinterpret_i64", "i64 -> f64"),
            (0x37, nil, "i64.store", "address i64 -> "), (0x52, 0xfd, "v128.bitselect", "v128 v128 v128 -> v128"),
            (0xcb, 0xfd, "i64x2.shl", "v128 i32 -> v128"), (0xff, 0xfd, "f64x2.convert_low_i32x4_u", "v128 -> v128"),
            (0x4e, 0xfe, "i64.atomic.rmw32.cmpxchg_u", "address i64 i64 -> i64"),
            (0x07, 0xfc, "i64.trunc_sat_f64_u", "f64 -> i64"),
        ] as [(Int, UInt8?, String, String)]
    )
    func types(_ code: Int, _ prefix: UInt8?, _ name: String, _ type: String) throws {
        let all = InstructionTable.groups.flatMap(\.instructions)
        let instruction = try #require(all.first { $0.code == code && $0.prefix == prefix })
        #expect(instruction.name == name)
        let operands = instruction.operands.map { "\($0)" }.joined(separator: " ")
        #expect("\(operands) -> \(instruction.result.map { "\($0)" } ?? "")" == type)
    }
}
