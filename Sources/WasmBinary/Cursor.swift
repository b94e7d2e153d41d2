// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// A place in a binary and the end it must not pass; a section's body is a cursor within the binary's.
///
/// The bytes are handed to each call instead of being kept, because a stored span would need experimental lifetimes.
struct Cursor {
    /// The offset of the next byte.
    private(set) var offset: Int
    /// The offset after the last byte that may be read.
    let end: Int

    /// How many bytes are left.
    var remaining: Int { end - offset }

    /// One byte.
    mutating func byte(of bytes: Span<UInt8>, _ what: String) throws(WasmBinaryError) -> UInt8 {
        guard offset < end else { throw truncated(what) }
        defer { offset += 1 }
        return bytes[offset]
    }

    /// An unsigned integer of 32 bits in LEB128: at most five bytes, and no bit beyond the 32nd (spec §5.2.2).
    mutating func unsigned32(of bytes: Span<UInt8>, _ what: String) throws(WasmBinaryError) -> Int {
        let start = offset
        var value: UInt64 = 0
        for shift in stride(from: 0, to: 35, by: 7) {
            let next = try byte(of: bytes, what)
            value |= UInt64(next & 0x7f) << UInt64(shift)
            guard next & 0x80 == 0 else { continue }
            guard value <= UInt64(UInt32.max) else { break }
            return Int(value)
        }
        throw WasmBinaryError(code: .malformedInteger, message: "\(what) is not a 32-bit integer", offset: start)
    }

    /// The next `count` bytes as a cursor of their own; this one moves behind them.
    mutating func split(_ count: Int, _ what: String) throws(WasmBinaryError) -> Cursor {
        guard count <= remaining else { throw truncated(what) }
        defer { offset += count }
        return Cursor(offset: offset, end: offset + count)
    }

    /// A name: its length, then that many bytes of UTF-8 (spec §5.2.4).
    mutating func name(of bytes: Span<UInt8>, _ what: String) throws(WasmBinaryError) -> String {
        let length = try unsigned32(of: bytes, "the length of \(what)")
        let content = try split(length, what)
        var copy: [UInt8] = []
        copy.reserveCapacity(length)
        for index in content.offset..<content.end {
            copy.append(bytes[index])
        }
        guard let name = String(validating: copy, as: UTF8.self) else {
            throw WasmBinaryError(code: .malformedName, message: "\(what) is not UTF-8", offset: content.offset)
        }
        return name
    }

    private func truncated(_ what: String) -> WasmBinaryError {
        WasmBinaryError(code: .truncated, message: "the file ends within \(what)", offset: end)
    }
}
