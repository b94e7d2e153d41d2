// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// A bounded walk over a binary: the preamble, then every section's header (spec §5.5.16).
///
/// It looks at no section's content but a custom section's name. It takes time in proportion to the size of the binary, and no
/// memory: three bytes can be a section, so a binary may have millions.
package enum SectionWalk {
    /// `\0asm`, which opens every module.
    static let magic: [UInt8] = [0x00, 0x61, 0x73, 0x6d]
    /// Version 1 of the binary format.
    private static let version: [UInt8] = [0x01, 0x00, 0x00, 0x00]
    /// The layer field that marks a component instead of a module, in the third byte of the version
    /// (component-model, Binary.md).
    private static let componentLayer: UInt8 = 0x01

    /// Goes through the sections of a whole binary, in their order; the error has the offset where it is no module any
    /// more.
    package static func walk(
        over bytes: Span<UInt8>,
        _ visit: (Section) throws(WasmBinaryError) -> Void = { _ in }
    ) throws(WasmBinaryError) {
        var cursor = Cursor(offset: 0, end: bytes.count)
        try preamble(of: bytes, &cursor)
        var lastOrder = 0
        while cursor.remaining > 0 {
            let start = cursor.offset
            let section = try section(of: bytes, &cursor)
            if let order = section.kind.order {
                guard order > lastOrder else {
                    throw WasmBinaryError(
                        code: .sectionOutOfOrder,
                        message: "the \(section.kind) section is repeated or out of order",
                        offset: start
                    )
                }
                lastOrder = order
            }
            try visit(section)
        }
    }

    private static func preamble(of bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) {
        for expected in magic {
            let found = try cursor.byte(of: bytes, "the magic number")
            guard found == expected else {
                throw WasmBinaryError(
                    code: .wrongMagic,
                    message: "it does not begin with the magic number \\0asm, so it is not WebAssembly",
                    offset: 0
                )
            }
        }
        var found: [UInt8] = []
        for _ in version {
            found.append(try cursor.byte(of: bytes, "the version"))
        }
        guard found == version else {
            throw found[2] == componentLayer ? .component(at: magic.count) : .version(found, at: magic.count)
        }
    }

    private static func section(of bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) -> Section {
        let start = cursor.offset
        let id = try cursor.byte(of: bytes, "a section's id")
        guard let kind = Section.Kind(rawValue: id) else {
            throw WasmBinaryError(code: .unknownSection, message: "there is no section with id \(id)", offset: start)
        }
        let size = try cursor.unsigned32(of: bytes, "the size of the \(kind) section")
        var content = try cursor.split(size, "the \(kind) section")
        let range = content.offset..<content.end
        let name = kind == .custom ? try content.name(of: bytes, "a custom section's name") : nil
        return Section(kind: kind, name: name, content: range)
    }
}
