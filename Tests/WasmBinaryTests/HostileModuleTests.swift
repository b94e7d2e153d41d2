// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import TestSupport
import Testing
import WasmBinary

/// Small modules that call for much: without a limit, two megabytes took minutes, and seven took a gigabyte.
@Suite("Hostile modules")
struct HostileModuleTests {
    struct Attack: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]

        /// Of each function its type's index, and its locals and code without the last `end`; the sections stand before the code.
        init(
            _ description: String,
            types: [[UInt8]],
            functions: [(type: Int, body: [UInt8])] = [],
            between sections: [(id: UInt8, content: [UInt8])] = []
        ) {
            let bodies = functions.map { $0.body + [0x0b] }
            var module = WasmModule()
            module.addSection(1, Attack.list(types))
            module.addSection(3, Attack.list(functions.map { WasmModule.unsigned($0.type) }))
            for section in sections { module.addSection(section.id, section.content) }
            module.addSection(10, Attack.list(bodies.map { WasmModule.unsigned($0.count) + $0 }))
            (testDescription, bytes) = (description, module.bytes)
        }

        static func list(_ items: [[UInt8]]) -> [UInt8] { WasmModule.unsigned(items.count) + Array(items.joined()) }
    }

    private static let nothing: [UInt8] = [0x60, 0, 0]
    private static let thousand = repeated([0x7f], 1000)
    private static let tag: (id: UInt8, content: [UInt8]) = (13, [1, 0, 1])

    /// A list of so many items that are alike.
    private static func repeated(_ item: [UInt8], _ count: Int) -> [UInt8] {
        Attack.list(Array(repeating: item, count: count))
    }

    private static func code(_ instruction: [UInt8], _ count: Int) -> [UInt8] {
        Array(repeatElement(instruction, count: count).joined())
    }

    /// A structure and 63 below it, then `[] → [1000 of the first]`, `[] → [1000 of the second]`, `[1000 of the last] → []`.
    private static var deepTypes: [[UInt8]] {
        var types: [[UInt8]] = [[0x50, 0, 0x5f, 0]]
        for above: UInt8 in 0..<63 { types.append([0x50, 1, above, 0x5f, 0]) }
        types.append([0x60, 0] + repeated([0x63, 0], 1000))
        types.append([0x60, 0] + repeated([0x63, 1], 1000))
        types.append([0x60] + repeated([0x64, 63], 1000) + [0])
        return types
    }

    /// A `br_table` whose labels take a thousand references in turn to two types far above those that are there.
    private static var deepBranch: [UInt8] {
        var body: [UInt8] = [0, 0x02, 0xc0, 0, 0x02, 0xc1, 0]
        for local in 0..<1000 { body += [0x20] + WasmModule.unsigned(local) }
        body += [0x41, 0, 0x0e] + WasmModule.unsigned(199)
        body += code([0, 1], 100)
        body += [0x0b, 0x00, 0x0b, 0x00]
        return body
    }

    /// A `try_table` with many clauses, whose label takes a thousand values.
    private static var clauses: [UInt8] {
        var body: [UInt8] = [0, 0x02, 2, 0x00, 0x1f, 0x40]
        body += repeated([0, 0, 0], 5000)
        body += [0x00, 0x0b, 0x00, 0x0b, 0x00]
        return body
    }

    static let attacks: [Attack] = [
        Attack(
            "fifty thousand locals in six bytes",
            types: [nothing],
            functions: Array(repeating: (0, [1, 0xd0, 0x86, 0x03, 0x7f]), count: 100)
        ),
        Attack(
            "a thousand parameters of each of many functions",
            types: [[0x60] + thousand + [0]],
            functions: Array(repeating: (0, [0]), count: 5000)
        ),
        Attack(
            "calls with a thousand values, not many in each function",
            types: [[0x60] + thousand + thousand],
            functions: Array(repeating: (0, [0, 0x00] + code([0x10, 0], 110)), count: 20)
        ),
        Attack(
            "tail calls with a thousand results",
            types: [[0x60, 0] + thousand],
            functions: [(0, [0] + code([0x12, 0], 5000))]
        ),
        Attack(
            "handlers of the old kind that get a thousand values",
            types: [nothing, [0x60] + thousand + [0]],
            functions: [(0, [0, 0x06, 0x40, 0x00] + code([0x07, 0, 0x00], 5000) + [0x0b])],
            between: [tag]
        ),
        Attack(
            "clauses that catch a thousand values",
            types: [nothing, [0x60] + thousand + [0], [0x60, 0] + thousand],
            functions: [(0, clauses)],
            between: [tag]
        ),
        Attack(
            "branches that look at a thousand values again and again",
            types: [[0x60, 0] + repeated([0x70], 1000)],
            functions: [(0, [0, 0x00] + code([0xd6, 0], 5000))]
        ),
        Attack("types far below those that are asked for", types: deepTypes, functions: [(66, deepBranch)]),
        Attack(
            "structures of ten thousand fields as constants",
            types: [[0x5f] + repeated([0x7f, 0], 10_000)],
            between: [(6, repeated([0x64, 0, 0, 0xfb, 1, 0, 0x0b], 500))]
        ),
    ]

    @Test("are refused as soon as they call for far more work than their size allows", arguments: attacks)
    func work(_ attack: Attack) throws {
        let error = try #require(Self.error(of: attack.bytes))
        #expect(error.code == .tooLarge)
        #expect(error.message.contains("far more locals, parameters and results than its size allows"), "\(error)")
    }

    @Test("are refused as soon as they leave a million operands on the stack")
    func operands() throws {
        let attack = Attack(
            "",
            types: [Self.nothing, [0x60, 0] + Self.thousand],
            functions: [(0, [0] + Self.code([0x10, 1], 1001)), (1, [0, 0x00])]
        )
        let error = try #require(Self.error(of: attack.bytes))
        #expect(error.code == .tooLarge && error.message.contains("operands at once"), "\(error)")
    }

    /// Blocks within each other, each of which is left with 999 operands that nobody takes.
    static let branches: [Attack] = [
        ("br_on_null", [0xd5, 0]), ("br_on_non_null", [0xd6, 0]), ("br_on_cast", [0xfb, 24, 3, 0, 0x70, 0x70]),
        ("br_on_cast_fail", [0xfb, 25, 3, 0, 0x70, 0x70]),
    ].map { name, branch in
        Attack(
            name,
            types: [nothing, [0x60, 0] + repeated([0x70], 1000)],
            functions: [(0, [0] + code([0x02, 1, 0x00] + branch, 1002))]
        )
    }

    @Test("are refused as soon as branches leave a million operands on the stack", arguments: branches)
    func branchOperands(_ attack: Attack) throws {
        let error = try #require(Self.error(of: attack.bytes))
        #expect(error.code == .tooLarge && error.message.contains("operands at once"), "\(error)")
    }

    @Test("have no more blocks within each other than memory allows")
    func blocks() throws {
        let attack = Attack(
            "",
            types: [Self.nothing],
            functions: [(0, [0] + Self.code([0x02, 0x40], 300_000) + Self.code([0x0b], 300_000))]
        )
        let error = try #require(Self.error(of: attack.bytes))
        #expect(error.code == .tooLarge && error.message.contains("blocks within each other"), "\(error)")
    }

    @Test("have no more parameters of all types together than memory allows")
    func types() {
        let attack = Attack("", types: Array(repeating: [0x60] + Self.thousand + [0], count: 4001))
        #expect(Self.error(of: attack.bytes)?.code == .tooLarge)
    }

    @Test("are told apart from large ones, of which a br_table may have 65,521 labels")
    func large() {
        let labels = WasmModule.unsigned(65_520) + [UInt8](repeating: 0, count: 65_521)
        let module = Attack("", types: [Self.nothing], functions: [(0, [0, 0x41, 0, 0x0e] + labels)])
        #expect(Self.error(of: module.bytes) == nil)
    }

    @Test("have no more catch clauses of a try_table than V8 takes", arguments: [65_520, 65_521])
    func catchClauses(count: Int) {
        let clauses = Self.repeated([2, 0], count)
        let module = Attack("", types: [Self.nothing], functions: [(0, [0, 0x1f, 0x40] + clauses + [0x0b])])
        #expect(Self.error(of: module.bytes)?.code == (count > 65_520 ? .tooLarge : nil))
    }

    private static func error(of bytes: [UInt8]) -> WasmBinaryError? {
        do throws(WasmBinaryError) {
            _ = try CoreModule(decoding: bytes.span)
            return nil
        } catch {
            return error
        }
    }
}
