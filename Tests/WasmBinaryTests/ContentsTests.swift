// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import TestSupport
import Testing

@testable import WasmBinary

@Suite("What is in sections")
struct ContentsTests {
    private static func sections(of bytes: [UInt8]) throws -> [Section] {
        var sections: [Section] = []
        try SectionWalk.walk(over: bytes.span) { sections.append($0) }
        return sections
    }

    /// A module with one section, and that section.
    private static func section(_ id: UInt8, _ content: [UInt8]) throws -> (bytes: [UInt8], section: Section) {
        var module = WasmModule()
        module.addSection(id, content)
        return (module.bytes, try #require(try sections(of: module.bytes).first))
    }

    private static func custom(_ name: String, _ content: [UInt8]) throws -> (bytes: [UInt8], section: Section) {
        try section(0, [UInt8(name.utf8.count)] + Array(name.utf8) + content)
    }

    @Test("has names of the module, functions and data segments (appendix 7.4.1)")
    func names() throws {
        // module "m"; functions 1 "one", 7 "far"; locals, which are not read; data segment 0 "d".
        let content: [UInt8] =
            [0, 2, 1, 0x6d] + [1, 11, 2, 1, 3, 0x6f, 0x6e, 0x65, 7, 3, 0x66, 0x61, 0x72] + [2, 1, 0xff]
            + [9, 4, 1, 0, 1, 0x64]
        let (bytes, section) = try Self.custom("name", content)
        let names = NameSection(section, of: bytes.span, functionCount: 3, dataSegmentCount: 1)
        func text(_ range: Range<Int>?) -> String? { range.map { String(decoding: bytes[$0], as: UTF8.self) } }
        #expect(text(names.module) == "m")
        #expect((0..<9).map { text(names.function($0)) } == [nil, "one", nil, nil, nil, nil, nil, nil, nil])
        #expect(text(names.dataSegment(0)) == "d")
        #expect(names.fault == nil)
    }

    @Test("is read as far as it is whole, and told beyond", arguments: 1..<18)
    func cut(_ count: Int) throws {
        let content: [UInt8] = [0, 2, 1, 0x6d, 1, 11, 2, 1, 3, 0x6f, 0x6e, 0x65, 7, 3, 0x66, 0x61, 0x72]
        let (bytes, section) = try Self.custom("name", Array(content.prefix(count)))
        let names = NameSection(section, of: bytes.span, functionCount: 3, dataSegmentCount: 0)
        #expect((names.fault == nil) == [4, 17].contains(count))
        #expect((names.module != nil) == (count >= 4))
        #expect(names.fault.map { (0...bytes.count).contains($0.offset) } ?? true)
    }

    @Test("may repeat a subsection a hundred thousand times, which costs no more than its bytes")
    func repeated() throws {
        let content = (0..<100_000).flatMap { _ in [1, 1, 0] as [UInt8] }
        let (bytes, section) = try Self.custom("name", content)
        let names = NameSection(section, of: bytes.span, functionCount: 1_000_000, dataSegmentCount: 0)
        #expect(names.fault == nil && names.function(0) == nil)
    }

    @Test("names no more tools and features than anyone needs")
    func manyTools() throws {
        let tool: [UInt8] = [1, 0x61, 1, 0x31]
        let (bytes, section) = try Self.custom(
            "producers",
            [1, 1, 0x66, 0xc8, 1] + (0..<200).flatMap { _ in tool }
        )
        let producers = ProducersSection(section, of: bytes.span)
        #expect(producers.entries.count == 100)
        #expect(producers.fault?.code == .tooLarge)
        let (others, features) = try Self.custom(
            "target_features",
            [0xc8, 1] + (0..<200).flatMap { _ in [0x2b, 1, 0x61] as [UInt8] }
        )
        #expect(TargetFeaturesSection(features, of: others.span).used.count == 100)
    }

    @Test("are bodies of functions, exported functions and data, each at its place")
    func items() throws {
        let (code, bodies) = try Self.section(10, [2, 2, 0, 0x0b, 3, 0, 1, 0x0b])
        var places: [Range<Int>] = []
        try bodies.forEachBody(of: code.span) { places.append($0) }
        #expect(places.map { Array(code[$0]) } == [[0, 0x0b], [0, 1, 0x0b]])

        let (exports, section) = try Self.section(7, [3, 1, 0x61, 0, 5, 1, 0x6d, 2, 0, 1, 0x62, 0, 6])
        var names: [Int: [UInt8]] = [:]
        try section.forEachExportedFunction(of: exports.span) { names[$0] = Array(exports[$1]) }
        #expect(names == [5: [0x61], 6: [0x62]])

        // Active with `i32.const 16`, `global.get 0` and `i64.const 1 i64.const 2 i64.add` of memory 1; passive.
        let segments: [[UInt8]] = [
            [0, 0x41, 16, 0x0b, 1, 7], [0, 0x23, 0, 0x0b, 0], [2, 1, 0x42, 1, 0x42, 2, 0x7c, 0x0b, 2, 8, 9], [1, 1, 3],
        ]
        let (data, dataSection) = try Self.section(11, [4] + segments.flatMap(\.self))
        var contents: [[UInt8]] = []
        try dataSection.forEachDataSegment(of: data.span) { contents.append(Array(data[$0])) }
        #expect(contents == [[7], [], [8, 9], [3]])
    }

    @Test(
        "end with an error where a section is not valid",
        arguments: [[1], [1, 9], [1, 0, 0xd0, 0x70, 0x0b, 0], [5]]
    )
    func invalid(_ content: [UInt8]) throws {
        let (bytes, section) = try Self.section(11, content)
        #expect(throws: WasmBinaryError.self) { try section.forEachDataSegment(of: bytes.span) { _ in } }
        guard content.count < 3 else { return }
        #expect(throws: WasmBinaryError.self) { try section.forEachBody(of: bytes.span) { _ in } }
    }
}
