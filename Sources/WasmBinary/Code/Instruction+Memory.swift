// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

extension Instruction {
    /// Loads and stores (spec §5.4.6, memory instructions).
    static let memoryAccess: [Instruction] = [
        .init(0x28, "i32.load", [.address], .i32, .memory(align: 2)),
        .init(0x29, "i64.load", [.address], .i64, .memory(align: 3)),
        .init(0x2a, "f32.load", [.address], .f32, .memory(align: 2)),
        .init(0x2b, "f64.load", [.address], .f64, .memory(align: 3)),
        .init(0x2c, "i32.load8_s", [.address], .i32, .memory(align: 0)),
        .init(0x2d, "i32.load8_u", [.address], .i32, .memory(align: 0)),
        .init(0x2e, "i32.load16_s", [.address], .i32, .memory(align: 1)),
        .init(0x2f, "i32.load16_u", [.address], .i32, .memory(align: 1)),
        .init(0x30, "i64.load8_s", [.address], .i64, .memory(align: 0)),
        .init(0x31, "i64.load8_u", [.address], .i64, .memory(align: 0)),
        .init(0x32, "i64.load16_s", [.address], .i64, .memory(align: 1)),
        .init(0x33, "i64.load16_u", [.address], .i64, .memory(align: 1)),
        .init(0x34, "i64.load32_s", [.address], .i64, .memory(align: 2)),
        .init(0x35, "i64.load32_u", [.address], .i64, .memory(align: 2)),
        .init(0x36, "i32.store", [.address, .i32], .memory(align: 2)),
        .init(0x37, "i64.store", [.address, .i64], .memory(align: 3)),
        .init(0x38, "f32.store", [.address, .f32], .memory(align: 2)),
        .init(0x39, "f64.store", [.address, .f64], .memory(align: 3)),
        .init(0x3a, "i32.store8", [.address, .i32], .memory(align: 0)),
        .init(0x3b, "i32.store16", [.address, .i32], .memory(align: 1)),
        .init(0x3c, "i64.store8", [.address, .i64], .memory(align: 0)),
        .init(0x3d, "i64.store16", [.address, .i64], .memory(align: 1)),
        .init(0x3e, "i64.store32", [.address, .i64], .memory(align: 2)),
    ]
}
