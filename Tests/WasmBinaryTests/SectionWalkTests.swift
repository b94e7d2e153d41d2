// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import TestSupport
import Testing
import WasmBinary

/// Sections by their names' bytes, as in the spec's grammar.
@Suite("A walk over a binary's sections")
struct SectionWalkTests {
    @Test("a preamble alone is a module without sections (spec §5.5.16)")
    func preamble() throws {
        #expect(try sections([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]).isEmpty)
    }

    @Test("each section is found with its content's place")
    func places() throws {
        var module = WasmModule()
        module.addSection(0, [4] + Array("name".utf8) + [9, 9])
        module.addSection(1, [0])
        module.addSection(10, sizeWidth: 5, [0])
        let found = try sections(module.bytes)
        #expect(found.map(\.kind) == [.custom, .type, .code])
        // 8 bytes of preamble; then each section's id and size, and the length of a name.
        #expect(found.map(\.name) == [11..<15, nil, nil])
        #expect(found.map(\.content) == [10..<17, 19..<20, 26..<27])
    }

    @Test("sections stand in the order that the spec gives, with tags after memories and data counts before code")
    func order() throws {
        var module = WasmModule()
        for id: UInt8 in [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11] { module.addSection(id, [0]) }
        #expect(try sections(module.bytes).count == 13)
    }

    @Test(
        "what is not a module is rejected, and where",
        arguments: [
            ([], .truncated, 0),
            ([0x00, 0x61], .truncated, 2),
            (Array("<html></html>".utf8), .wrongMagic, 0),
            ([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00], .truncated, 6),
            ([0x00, 0x61, 0x73, 0x6d, 0x02, 0x00, 0x00, 0x00], .wrongVersion, 4),
            // A component: layer 1 (component-model, Binary.md).
            ([0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00], .component, 4),
            // An id that no section has.
            (WasmModule.empty + [14, 0], .unknownSection, 8),
            // A size that the file does not have.
            (WasmModule.empty + [1, 5, 0], .truncated, 11),
            // A size that never ends, and one beyond 32 bits.
            (WasmModule.empty + [1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], .malformedInteger, 9),
            (WasmModule.empty + [1, 0xff, 0xff, 0xff, 0xff, 0x1f], .malformedInteger, 9),
            // An id without a size.
            (WasmModule.empty + [1], .truncated, 9),
            // A section twice, and one too late.
            (WasmModule.empty + [1, 1, 0, 1, 1, 0], .sectionOutOfOrder, 11),
            (WasmModule.empty + [3, 1, 0, 1, 1, 0], .sectionOutOfOrder, 11),
            // A custom section without a name, with a name beyond its end, and with one that is not UTF-8.
            (WasmModule.empty + [0, 0], .truncated, 10),
            (WasmModule.empty + [0, 2, 5, 0x61], .truncated, 12),
            (WasmModule.empty + [0, 2, 1, 0xff], .malformedName, 11),
        ] as [([UInt8], WasmBinaryError.Code, Int)]
    )
    func rejected(_ bytes: [UInt8], _ code: WasmBinaryError.Code, _ offset: Int) throws {
        let error = try #require(throws: WasmBinaryError.self) { try sections(bytes) }
        #expect(error.code == code)
        #expect(error.offset == offset)
        #expect(error.description.contains("byte \(offset)"))
    }

    @Test("every prefix of a module is rejected or is a shorter module, and none is read past its end")
    func prefixes() throws {
        var whole = WasmModule()
        whole.addSection(0, sizeWidth: 5, [3] + Array("pad".utf8) + [UInt8](repeating: 1, count: 40))
        let module = whole.bytes
        for length in 0..<module.count {
            let result = Result { try sections(Array(module[..<length])) }
            if length == 8 {
                #expect(try result.get().isEmpty)
            } else {
                #expect(throws: WasmBinaryError.self) { try result.get() }
            }
        }
    }

    private func sections(_ bytes: [UInt8]) throws -> [Section] {
        var sections: [Section] = []
        try SectionWalk.walk(over: bytes.span) { sections.append($0) }
        return sections
    }
}
