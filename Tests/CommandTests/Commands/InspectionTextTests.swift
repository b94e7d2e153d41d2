// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import ModuleInspection
import TestSupport
import Testing

@testable import wasm_server

@Suite("What inspect prints")
struct InspectionTextTests {
    private static func file(_ name: String, functionName: String = "tick", imported: String = "proxy_log") throws
        -> InspectedFile
    {
        func text(_ text: String) -> [UInt8] { WasmModule.unsigned(text.utf8.count) + Array(text.utf8) }
        var module = WasmModule()
        module.addSection(1, [1, 0x60, 0, 0])
        module.addSection(2, [1] + text("env") + text(imported) + [0, 0])
        module.addSection(3, [1, 0])
        module.addSection(7, [1] + text("proxy_abi_version_0_2_1") + [0, 1])
        module.addSection(10, [1, 2, 0, 0x0b])
        let names = [1, 1] + text(functionName)
        module.addSection(0, text("name") + [1] + WasmModule.unsigned(names.count) + names)
        var hasher = DigestHasher()
        hasher.update(module.bytes.span)
        return InspectedFile(
            name: name,
            digest: hasher.digest,
            inspection: try ModuleInspection(of: module.bytes.span)
        )
    }

    private static let hostile = "a\u{1b}[31m\u{85}\u{2028}\u{202e}\u{2066}\u{feff}b\r\n\u{7}"

    private func expectHarmless(_ text: String) {
        for scalar in text.unicodeScalars where scalar != "\n" {
            let category = scalar.properties.generalCategory
            #expect(![.control, .format, .lineSeparator, .paragraphSeparator].contains(category), "\(text)")
        }
    }

    @Test("of a module names what it is, what takes the room, and what it may do, in lines that end with what they say")
    func account() throws {
        let text = InspectionText(of: try Self.file("a.wasm"), top: 5, layout: .plain).text
        for words in ["a.wasm: ", "ABI", "0.2.1", "write to the proxy's log  proxy_log", "2 B  ", "  tick"] {
            #expect(text.contains(words), "\(text)")
        }
        #expect(!text.split(separator: "\n").contains { $0.hasSuffix(" ") })
    }

    @Test(
        "has nothing in it that steers a terminal, whatever the module and its file are called",
        arguments: [true, false]
    )
    func hostileNames(_ isDecorated: Bool) throws {
        let layout = TextLayout(width: 100, isDecorated: false)
        let (old, new) = (
            try Self.file(Self.hostile, functionName: Self.hostile, imported: Self.hostile), try Self.file(Self.hostile)
        )
        expectHarmless(InspectionText(of: old, top: 5, layout: layout).text)
        expectHarmless(ComparisonText(from: old, to: new, top: 5, layout: layout).text)
        expectHarmless(InspectionDocument(of: old, top: 5).json)
        expectHarmless(ComparisonDocument(from: old, to: new, top: 5).json)
    }

    @Test("fits into the width of a terminal", arguments: [60, 80, 120])
    func width(_ width: Int) throws {
        let long = "<alloc::vec::Vec<\(String(repeating: "a::b::C, ", count: 100))>>::push"
        let layout = TextLayout(width: width, isDecorated: false)
        let (old, new) = (try Self.file("a.wasm"), try Self.file("b.wasm", functionName: long))
        for text in [
            InspectionText(of: new, top: 5, layout: layout).text,
            ComparisonText(from: old, to: new, top: 5, layout: layout).text,
        ] {
            // A digest is not cut.
            for line in text.split(separator: "\n") where !line.contains("SHA-256") && !line.hasPrefix("  - ") {
                #expect(line.count <= width, "\(line)")
            }
            #expect(text.contains("Vec<…>>::push"))
        }
    }

    @Test("has headings and bars where a terminal shows them, and none elsewhere")
    func decoration() throws {
        let file = try Self.file("a.wasm")
        let decorated = InspectionText(of: file, top: 5, layout: TextLayout(width: 100, isDecorated: true)).text
        #expect(decorated.contains("\u{1b}[1mSections\u{1b}[0m") && decorated.contains("█"))
        let plain = InspectionText(of: file, top: 5, layout: .plain).text
        #expect(!plain.contains("\u{1b}") && !plain.contains("█"))
    }

    @Test(
        "has sizes of three digits or so",
        arguments: [
            (0, "0 B"), (812, "812 B"), (1000, "1.0 KiB"), (1536, "1.5 KiB"), (258_989, "253 KiB"),
            (9_659_561, "9.2 MiB"), (-1536, "1.5 KiB"), (1_048_500, "1.0 MiB"), (Int.max, "8589934592 GiB"),
        ]
    )
    func sizes(_ bytes: Int, _ expected: String) {
        #expect(SizeText.human(bytes) == expected)
    }

    @Test("has shares and groups of digits as people write them")
    func numbers() {
        #expect(SizeText.grouped(9_659_561) == "9,659,561" && SizeText.grouped(-1000) == "-1,000")
        #expect(SizeText.grouped(999) == "999" && SizeText.grouped(0) == "0")
        #expect(SizeText.share(641, of: 1000) == "64.1 %" && SizeText.share(1, of: 100_000) == "< 0.1 %")
        #expect(SizeText.share(0, of: 0) == "0.0 %" && SizeText.growth(from: 1000, to: 1022) == "+2.2 %")
        #expect(SizeText.growth(from: 0, to: 5) == nil && SizeText.growth(from: 1000, to: 927) == "-7.3 %")
    }

    @Test(
        "shortens names by their arguments first, then in the middle",
        arguments: [
            ("short", 10, "short"), ("<a::Vec<b::C<d>>>::push::<e>", 20, "<a::Vec<…>>::push::<…>"),
            ("abcdefghijklmnopqrstuvwxyz", 10, "abc…uvwxyz"),
        ]
    )
    func shortened(_ name: String, _ width: Int, _ expected: String) {
        let text = name.shortened(to: width)
        #expect(text.count <= width)
        #expect(expected.count > width || text == expected)
    }
}
