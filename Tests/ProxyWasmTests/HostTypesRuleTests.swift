// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import ProxyWasm
import TestSupport
import Testing

@Suite("A module for hosts")
struct HostTypesRuleTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]
        /// What the objection says of it; nil if it is admitted.
        let item: String?

        init(_ description: String, _ sections: [(UInt8, [UInt8])], _ item: String? = nil) {
            var module = WasmModule()
            for (id, content) in sections { module.addSection(id, content) }
            (testDescription, bytes, self.item) = (description, module.bytes, item)
        }
    }

    /// A function of one parameter, exported or not.
    private static func function(of type: [UInt8], isExported: Bool = true) -> [(UInt8, [UInt8])] {
        let export: [(UInt8, [UInt8])] = isExported ? [(7, [1, 1, UInt8(ascii: "x"), 0, 0])] : []
        return [(1, [1, 0x60, 1] + type + [0]), (3, [1, 0])] + export + [(10, [1, 2, 0, 0x0b])]
    }

    private static let empty: (UInt8, [UInt8]) = (1, [1, 0x60, 0, 0])
    private static let names = [1, UInt8(ascii: "e"), 1, UInt8(ascii: "n")]

    // Spec §5.3: v128 is 0x7B, externref 0x6F, anyref 0x6E, exnref 0x69, (ref …) 0x64 and the heap type.
    static let cases: [Case] = [
        Case("an exported function of i64", function(of: [0x7e])),
        Case("an exported function of externref", function(of: [0x6f])),
        Case("an exported function of a reference to any external value", function(of: [0x64, 0x6f])),
        Case("a function of v128 that stays inside", function(of: [0x7b], isExported: false)),
        Case("an exported function of v128", function(of: [0x7b]), "export 0 is a function of the type v128"),
        Case("an exported function of i31ref", function(of: [0x6c]), "export 0 is a function of the type i31ref"),
        Case("an exported tag", [empty, (13, [1, 0, 0]), (7, [1, 1, UInt8(ascii: "t"), 4, 0])], "export 0 is a tag"),
        Case("an imported tag", [empty, (2, [1] + names + [4, 0, 0])], "import 0 is a tag"),
        Case("a tag that stays inside", [empty, (13, [1, 0, 0])]),
        Case(
            "an imported table of anyref",
            [(2, [1] + names + [1, 0x6e, 0, 1])],
            "import 0 is a table of the type anyref"
        ),
        Case(
            "an exported global of exnref",
            [(6, [1, 0x69, 0, 0xd0, 0x69, 0x0b]), (7, [1, 1, UInt8(ascii: "g"), 3, 0])],
            "export 0 is a global of the type exnref"
        ),
        Case(
            "an exported table of funcref and a memory",
            [(4, [1, 0x70, 0, 1]), (5, [1, 0, 1]), (7, [2, 1, UInt8(ascii: "t"), 1, 0, 1, UInt8(ascii: "m"), 2, 0])]
        ),
    ]

    @Test("is refused if what it exports or imports would end an Envoy that loads it", arguments: cases)
    func refused(_ example: Case) throws {
        let objections = AdmissionPolicy().objections(to: try ModuleFacts(of: example.bytes.span))
        let reasons = objections.filter { $0.rule == "host-types" }.map(\.reason)
        #expect(reasons.count == (example.item == nil ? 0 : 1))
        if let item = example.item { #expect(reasons.allSatisfy { $0.contains(item) }, "\(reasons)") }
    }
}
