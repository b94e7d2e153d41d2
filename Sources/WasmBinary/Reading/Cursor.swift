// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// A place in a binary and the end it must not pass; a section's body is a cursor within the binary's.
///
/// The bytes are handed to each call instead of being kept, because a stored span would need experimental lifetimes. What a call
/// is about is only put into words for an error: a file may have millions of sections.
struct Cursor {
    /// The offset of the next byte.
    private(set) var offset: Int
    /// The offset after the last byte that may be read.
    let end: Int

    /// How many bytes are left.
    var remaining: Int { end - offset }

    /// One byte.
    mutating func byte(of bytes: Span<UInt8>, _ what: @autoclosure () -> String) throws(WasmBinaryError) -> UInt8 {
        guard offset < end else { throw truncated(what()) }
        defer { offset += 1 }
        return bytes[offset]
    }

    /// An unsigned integer of 32 bits in LEB128: at most five bytes, and no bit beyond the 32nd (spec §5.2.2).
    mutating func unsigned32(
        of bytes: Span<UInt8>,
        _ what: @autoclosure () -> String
    ) throws(WasmBinaryError) -> Int {
        let start = offset
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 35 {
            let next = try byte(of: bytes, what())
            value |= UInt64(next & 0x7f) << shift
            shift += 7
            guard next & 0x80 == 0 else { continue }
            guard value <= UInt64(UInt32.max) else { break }
            return Int(value)
        }
        throw WasmBinaryError(code: .malformedInteger, message: "\(what()) is not a 32-bit integer", offset: start)
    }

    /// The next `count` bytes as a cursor of their own; this one moves behind them.
    mutating func split(_ count: Int, _ what: @autoclosure () -> String) throws(WasmBinaryError) -> Cursor {
        guard count <= remaining else { throw truncated(what()) }
        defer { offset += count }
        return Cursor(offset: offset, end: offset + count)
    }

    /// The place of a name: its length, then that many bytes of UTF-8 (spec §5.2.4).
    mutating func name(of bytes: Span<UInt8>, _ what: String) throws(WasmBinaryError) -> Range<Int> {
        let length = try unsigned32(of: bytes, "the length of \(what)")
        let content = try split(length, what)
        let place = content.offset..<content.end
        guard (try? UTF8Span(validating: bytes.extracting(place))) != nil else {
            throw WasmBinaryError(code: .malformedName, message: "\(what) is not UTF-8", offset: content.offset)
        }
        return place
    }

    private func truncated(_ what: String) -> WasmBinaryError {
        WasmBinaryError(code: .truncated, message: "the file ends within \(what)", offset: end)
    }
}

// Numbers in code, which come by the million.
extension Cursor {
    /// Goes over bytes that are known to be there.
    mutating func skip(_ count: Int) { offset += count }

    /// Goes over the bytes of a constant.
    mutating func skipConstant(_ count: Int) throws(WasmBinaryError) {
        guard count <= remaining else { throw .malformed("unexpected end", at: end) }
        offset += count
    }

    /// An index, or another unsigned integer of 32 bits (spec §5.2.2).
    @inline(__always)
    mutating func index(_ bytes: Span<UInt8>) throws(WasmBinaryError) -> Int {
        if offset < end, bytes[offset] < 0x80 {
            offset += 1
            return Int(bytes[offset - 1])
        }
        return Int(truncatingIfNeeded: try unsigned(bytes, bits: 32))
    }

    /// An unsigned integer of 64 bits (spec §5.2.2).
    @inline(__always)
    mutating func unsigned64(_ bytes: Span<UInt8>) throws(WasmBinaryError) -> UInt64 {
        if offset < end, bytes[offset] < 0x80 {
            offset += 1
            return UInt64(bytes[offset - 1])
        }
        return try unsigned(bytes, bits: 64)
    }

    /// An unsigned integer in LEB128: no more bytes than its bits need, and no bit beyond them (spec §5.2.2).
    mutating func unsigned(_ bytes: Span<UInt8>, bits: Int) throws(WasmBinaryError) -> UInt64 {
        let start = offset
        var value: UInt64 = 0
        var shift = 0
        while offset < end {
            let next = bytes[offset]
            offset += 1
            let left = bits - shift
            if left < 7, (next & 0x7f) >> UInt8(left) != 0 {
                throw .malformed(next & 0x80 == 0 ? "integer too large" : "integer representation too long", at: start)
            }
            value |= UInt64(next & 0x7f) << UInt64(shift)
            if next & 0x80 == 0 { return value }
            shift += 7
            guard shift < bits else { throw .malformed("integer representation too long", at: start) }
        }
        throw .malformed("unexpected end", at: end)
    }

    /// A signed integer in LEB128 (spec §5.2.2): the bits beyond its own repeat its sign.
    mutating func signed(_ bytes: Span<UInt8>, bits: Int) throws(WasmBinaryError) -> Int64 {
        let start = offset
        var value: UInt64 = 0
        var shift = 0
        while offset < end {
            let next = bytes[offset]
            offset += 1
            let left = bits - shift
            if left < 7 {
                // What is left of the byte, from the sign on, is all zeros or all ones.
                let rest = (next & 0x7f) >> UInt8(left - 1)
                guard next & 0x80 == 0 else { throw .malformed("integer representation too long", at: start) }
                guard rest == 0 || rest == 0x7f >> UInt8(left - 1) else {
                    throw .malformed("integer too large", at: start)
                }
            }
            value |= UInt64(next & 0x7f) << UInt64(shift)
            shift += 7
            if next & 0x80 == 0 {
                if shift < 64, next & 0x40 != 0 { value |= ~0 << UInt64(shift) }
                return Int64(bitPattern: value)
            }
            guard shift < bits else { throw .malformed("integer representation too long", at: start) }
        }
        throw .malformed("unexpected end", at: end)
    }

    /// A type's index, or a negative number for another type (spec §5.3.3, `s33`).
    mutating func signed33(_ bytes: Span<UInt8>) throws(WasmBinaryError) -> Int64 {
        try signed(bytes, bits: 33)
    }
}
