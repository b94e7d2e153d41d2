// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

// Where things of a module lie that have names or take room: functions' bodies, those that are exported, and data.
//
// A module is decoded and validated before; so nothing here is judged once more.
extension Section {
    /// Goes through the bodies of a code section, in the order of their functions (spec §5.5.14).
    ///
    /// - Parameters:
    ///   - bytes: The whole binary.
    ///   - visit: Is told where each is, its size not included.
    /// - Throws: ``WasmBinaryError`` if the binary is no valid module.
    package func forEachBody(of bytes: Span<UInt8>, _ visit: (Range<Int>) -> Void) throws(WasmBinaryError) {
        var cursor = Cursor(offset: content.lowerBound, end: content.upperBound)
        for _ in 0..<(try cursor.index(bytes)) {
            let size = try cursor.index(bytes)
            let body = try cursor.split(size, "a function's body")
            visit(body.offset..<body.end)
        }
    }

    /// Goes through the functions that an export section names, in its order (spec §5.5.11).
    ///
    /// - Parameters:
    ///   - bytes: The whole binary.
    ///   - visit: Is told the function's index, and where its name is.
    /// - Throws: ``WasmBinaryError`` if the binary is no valid module.
    package func forEachExportedFunction(
        of bytes: Span<UInt8>,
        _ visit: (Int, Range<Int>) -> Void
    ) throws(WasmBinaryError) {
        var cursor = Cursor(offset: content.lowerBound, end: content.upperBound)
        for _ in 0..<(try cursor.index(bytes)) {
            let count = try cursor.index(bytes)
            let name = try cursor.split(count, "a name")
            let kind = try cursor.byte(of: bytes, "the kind of an export")
            let index = try cursor.index(bytes)
            if kind == CoreModule.Kind.function.rawValue { visit(index, name.offset..<name.end) }
        }
    }

    /// Goes through the segments of a data section, in their order (spec §5.5.15).
    ///
    ///     data ::= 0 expr list(byte) | 1 list(byte) | 2 memidx expr list(byte)
    ///
    /// - Parameters:
    ///   - bytes: The whole binary.
    ///   - visit: Is told where the bytes of each are.
    /// - Throws: ``WasmBinaryError`` if the binary is no valid module.
    package func forEachDataSegment(of bytes: Span<UInt8>, _ visit: (Range<Int>) -> Void) throws(WasmBinaryError) {
        var cursor = Cursor(offset: content.lowerBound, end: content.upperBound)
        for _ in 0..<(try cursor.index(bytes)) {
            let kind = try cursor.index(bytes)
            if kind == 2 { _ = try cursor.index(bytes) }
            if kind != 1 { try cursor.skipAddress(bytes) }
            let size = try cursor.index(bytes)
            let data = try cursor.split(size, "a data segment")
            visit(data.offset..<data.end)
        }
    }
}

extension Cursor {
    /// Goes over the constant expression of an address (spec §3.4.12).
    ///
    /// Only numbers, globals and sums can be in one: no constant instruction makes a number of anything else.
    fileprivate mutating func skipAddress(_ bytes: Span<UInt8>) throws(WasmBinaryError) {
        while true {
            let start = offset
            switch try byte(of: bytes, "an expression") {
            case 0x0b: return
            case 0x41: _ = try signed(bytes, bits: 32)
            case 0x42: _ = try signed(bytes, bits: 64)
            case 0x23: _ = try index(bytes)
            case 0x6a...0x6c, 0x7c...0x7e: break
            default: throw .invalid("constant expression required", at: start)
            }
        }
    }
}
