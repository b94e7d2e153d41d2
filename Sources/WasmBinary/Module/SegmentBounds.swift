// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// An active segment that lies outside of its memory or table, so that no instance of its module can be made (spec §4.7.2).
package struct MisplacedSegment: Hashable, Sendable {
    /// What a segment has.
    package enum Kind: Hashable, Sendable {
        /// Bytes of a memory.
        case data
        /// Elements of a table.
        case elements
    }

    /// What it has.
    package let kind: Kind
    /// Its index among those of its kind.
    package let index: Int
    /// Where it begins, in bytes of the memory or elements of the table.
    package let start: UInt64
    /// How many bytes or elements it has.
    package let count: UInt64
    /// How many the memory or table has to begin with.
    package let room: UInt64
    /// Where it is, in bytes from the start of the binary.
    package let offset: Int
}

extension ModuleDecoder {
    /// Keeps the first segment that lies outside; code cannot make room for it, as it runs later.
    mutating func place(_ segment: MisplacedSegment) {
        guard module.misplacedSegment == nil else { return }
        let isInside = segment.start <= segment.room && segment.count <= segment.room - segment.start
        if !isInside { module.misplacedSegment = segment }
    }

    /// Validates a constant expression (spec §3.4.13).
    ///
    /// - Returns: Its value, without a sign, if it is an integer that is known.
    mutating func constant(
        _ bytes: Span<UInt8>,
        _ cursor: inout Cursor,
        _ type: ValueType
    ) throws(WasmBinaryError) -> UInt64? {
        var expression = cursor
        try validator.validateConstant(bytes, &cursor, type)
        return type == .i32 || type == .i64 ? try value(of: &expression, bytes) : nil
    }

    /// What a valid expression of integers gives; nil if it has a global whose value is not known, or more operands than anyone writes.
    private func value(of expression: inout Cursor, _ bytes: Span<UInt8>) throws(WasmBinaryError) -> UInt64? {
        // Most expressions are one constant, for which no array is made.
        var below: [UInt64] = []
        var top: UInt64?
        while true {
            let next: UInt64
            let opcode = try expression.byte(of: bytes, "a constant expression")
            switch opcode {
            case 0x0b: return top
            case 0x23:
                let index = try expression.index(bytes)
                guard let value = globalValues[index] else { return nil }
                next = value
            case 0x41: next = UInt64(UInt32(truncatingIfNeeded: try expression.signed(bytes, bits: 32)))
            case 0x42: next = UInt64(bitPattern: try expression.signed(bytes, bits: 64))
            default:
                guard let left = below.popLast(), let right = top,
                    let result = Self.result(of: opcode, left, right)
                else { return nil }
                top = result
                continue
            }
            if let top { below.append(top) }
            guard below.count <= Self.mostOperands else { return nil }
            top = next
        }
    }

    private static let mostOperands = 64

    /// What `i32.add` and the five others give that constant expressions may have; nil for any other.
    private static func result(of opcode: UInt8, _ left: UInt64, _ right: UInt64) -> UInt64? {
        switch opcode {
        case 0x6a: (left &+ right) & 0xffff_ffff
        case 0x6b: (left &- right) & 0xffff_ffff
        case 0x6c: (left &* right) & 0xffff_ffff
        case 0x7c: left &+ right
        case 0x7d: left &- right
        case 0x7e: left &* right
        default: nil
        }
    }
}
