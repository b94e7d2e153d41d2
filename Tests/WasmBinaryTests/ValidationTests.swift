// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import TestSupport
import Testing
import WasmBinary

@Suite("Validation of modules")
struct ValidationTests {
    /// A module with the verdict of wasmtime.
    private struct Vector {
        let isValid: Bool
        let bytes: [UInt8]
        let origin: Substring

        init?(_ line: Substring) {
            let parts = line.split(separator: " ", maxSplits: 2)
            guard parts.count == 3 else { return nil }
            isValid = parts[0] == "valid"
            let digits = Array(parts[1])
            bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
                UInt8(String(digits[$0...$0 + 1]), radix: 16)
            }
            origin = parts[2]
        }
    }

    /// The rule that a module breaks; nil if it breaks none.
    private static func error(of bytes: [UInt8]) -> WasmBinaryError? {
        do throws(WasmBinaryError) {
            _ = try CoreModule(decoding: bytes.span)
            return nil
        } catch {
            return error
        }
    }

    @Test("agrees with another validator on modules of every kind, and on what mutations make of them")
    func vectors() throws {
        let text = String(decoding: try Fixture.validation.bytes(), as: UTF8.self)
        let vectors = text.split(separator: "\n").compactMap { Vector($0) }
        #expect(vectors.count > 500 && vectors.contains { $0.isValid } && vectors.contains { !$0.isValid })
        for (index, vector) in vectors.enumerated() {
            let error = Self.error(of: vector.bytes)
            #expect(
                (error == nil) == vector.isValid,
                "line \(index + 1), \(vector.origin): \(String(describing: error))"
            )
        }
    }

    @Test("says of a module that is cut off anywhere, and is none then, where it ends")
    func cut() throws {
        let text = String(decoding: try Fixture.validation.bytes(), as: UTF8.self)
        let whole = text.split(separator: "\n").compactMap { Vector($0) }.filter {
            $0.isValid && !$0.origin.contains("mut")
        }
        for vector in whole {
            for count in 0..<vector.bytes.count {
                guard let error = Self.error(of: Array(vector.bytes[..<count])) else { continue }
                #expect(error.offset <= count, "\(vector.origin) to byte \(count): \(error)")
            }
        }
    }

    // MARK: - Rules, in the words of the specification's own suite

    /// A module with one function `[] → [i32]`, and whatever else.
    private static func module(
        _ code: [UInt8],
        locals: [UInt8] = [0],
        besides sections: [(id: UInt8, content: [UInt8])] = []
    ) -> [UInt8] {
        var module = WasmModule()
        let body = locals + code + [0x0b]
        let all: [(id: UInt8, content: [UInt8])] =
            [(1, [1, 0x60, 0, 1, 0x7f]), (3, [1, 0])] + sections
            + [(10, [1] + WasmModule.unsigned(body.count) + body)]
        // A memory and the like stand between functions and code (spec §5.5.16).
        for section in all { module.addSection(section.id, section.content) }
        return module.bytes
    }

    private static let memory: (id: UInt8, content: [UInt8]) = (5, [1, 0, 1])

    struct Rule: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]
        let code: WasmBinaryError.Code
        let words: String

        init(_ description: String, _ bytes: [UInt8], _ code: WasmBinaryError.Code, _ words: String) {
            (testDescription, self.bytes, self.code, self.words) = (description, bytes, code, words)
        }
    }

    static let rules: [Rule] = [
        Rule(
            "i32.add of an f32",
            module([0x41, 0, 0x43, 0, 0, 0, 0, 0x6a]),
            .invalid,
            "type mismatch: i32 is expected, and f32 is there"
        ),
        Rule("i32.add of nothing", module([0x6a]), .invalid, "type mismatch: i32 is expected, and nothing is there"),
        Rule("two results", module([0x41, 0, 0x41, 0]), .invalid, "type mismatch: 1 values are left over"),
        Rule("no result", module([0x01]), .invalid, "type mismatch"),
        Rule("an unknown local", module([0x20, 1]), .invalid, "unknown local 1"),
        Rule("an unknown global", module([0x23, 0]), .invalid, "unknown global 0"),
        Rule("an unknown function", module([0x10, 7]), .invalid, "unknown function 7"),
        Rule("an unknown label", module([0x0c, 1]), .invalid, "unknown label 1"),
        Rule("a load without a memory", module([0x41, 0, 0x28, 2, 0]), .invalid, "unknown memory 0"),
        Rule(
            "an alignment of 8 for 4 bytes",
            module([0x41, 0, 0x28, 3, 0], besides: [memory]),
            .invalid,
            "alignment must not be larger than natural"
        ),
        Rule(
            "a lane that is not there",
            module([0xfd, 0x0c] + [UInt8](repeating: 0, count: 16) + [0xfd, 0x15, 16]),
            .invalid,
            "invalid lane index"
        ),
        Rule(
            "memory.init without a count of segments",
            module([0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 8, 0, 0, 0x41, 0], besides: [memory]),
            .malformed,
            "data count section required"
        ),
        Rule("an opcode that does not exist", module([0xff]), .malformed, "illegal opcode ff"),
        Rule(
            "an integer that is too large",
            module([0x41, 0xff, 0xff, 0xff, 0xff, 0x1f]),
            .malformed,
            "integer too large"
        ),
        Rule(
            "an integer that is too long",
            module([0x41, 0x80, 0x80, 0x80, 0x80, 0x80, 0]),
            .malformed,
            "integer representation too long"
        ),
        Rule("an `else` without `if`", module([0x05, 0x41, 0]), .malformed, "else without if"),
        Rule("stack switching", module([0xe0, 0]), .unsupported, "stack switching"),
        Rule(
            "a number where code that is never reached has a reference",
            module([0x00, 0xd4, 0x41, 0, 0x6a]),
            .invalid,
            "type mismatch: i32 is expected, and (ref any type) is there"
        ),
        Rule(
            "an offset of more than 32 bits",
            module([0x41, 0, 0x28, 2, 0x80, 0x80, 0x80, 0x80, 0x10], besides: [memory]),
            .invalid,
            "offset out of range"
        ),
        Rule("a shared reference", module([0x02, 0x65, 0x6e, 0x0b]), .unsupported, "shared-everything threads"),
        Rule("a string", module([0xd0, 0x67, 0x1a, 0x41, 0]), .unsupported, "reference-typed strings"),
        Rule(
            "more locals than V8 takes",
            module([0x41, 0], locals: [1, 0xd1, 0x86, 0x03, 0x7f]),
            .tooLarge,
            "50001 locals, and V8 takes at most 50000"
        ),
    ]

    @Test("names the rule that is broken, the function and the byte", arguments: rules)
    func names(_ rule: Rule) throws {
        let error = try #require(Self.error(of: rule.bytes))
        #expect(error.code == rule.code)
        #expect(error.message.contains(rule.words), "\(error)")
        #expect(error.message.hasPrefix("in function 0, "))
        #expect(error.description.hasSuffix("(at byte \(error.offset))"))
    }

    @Test("takes an offset in as many bytes as 64 bits may have", arguments: [1, 5, 6, 10])
    func offsets(width: Int) {
        let code = [0x41, 0, 0x28, 2] + WasmModule.unsigned(8, width: width)
        #expect(Self.error(of: Self.module(code, besides: [Self.memory])) == nil)
    }

    @Test("knows a table of functions to be of version 1.0, and one of anything else not to be")
    func features() throws {
        var module = WasmModule()
        module.addSection(4, [1, 0x70, 0, 0])
        #expect(try CoreModule(decoding: module.bytes.span).features.list == [])
        module = WasmModule()
        module.addSection(4, [1, 0x6f, 0, 0])
        #expect(try CoreModule(decoding: module.bytes.span).features.list == [.referenceTypes])
    }

    @Test("takes no memory that may become larger than V8 lets it", arguments: [262_144, 262_145])
    func memories(maximum: Int) {
        var module = WasmModule()
        module.addSection(5, [1, 0x05, 0] + WasmModule.unsigned(maximum))
        let error = Self.error(of: module.bytes)
        #expect(error?.code == (maximum > 262_144 ? .tooLarge : nil))
    }

    // MARK: - Exceptions of two kinds: what Envoy 1.36.2 and 1.40.0 load

    /// What stands in a module beside a function that has exceptions as they were before.
    struct Exceptions: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// Whether Envoys load the module.
        let isLoaded: Bool
        /// A type, a global's type and value, and a second function's locals and code.
        let type: [UInt8]
        let global: [UInt8]
        let body: [UInt8]

        init(
            _ description: String,
            isLoaded: Bool = false,
            type: [UInt8] = [0x60, 0, 0],
            global: [UInt8] = [0x7f, 0, 0x41, 0, 0x0b],
            body: [UInt8] = [0]
        ) {
            (testDescription, self.isLoaded, self.type, self.global, self.body) = (
                description, isLoaded, type, global, body
            )
        }
    }

    static let exceptions: [Exceptions] = [
        Exceptions("nothing", isLoaded: true),
        Exceptions("throw", isLoaded: true, body: [0, 0x08, 0]),
        Exceptions("a parameter of exnref", isLoaded: true, type: [0x60, 1, 0x69, 0]),
        Exceptions(
            "a block that takes exnref",
            isLoaded: true,
            type: [0x60, 1, 0x69, 0],
            body: [0, 0, 0x02, 1, 0, 0x0b]
        ),
        Exceptions("a global of exnref", isLoaded: true, global: [0x69, 0, 0xd0, 0x69, 0x0b]),
        Exceptions("try_table", body: [0, 0x1f, 0x40, 0, 0x0b]),
        Exceptions("try_table that is never reached", body: [0, 0, 0x1f, 0x40, 0, 0x0b]),
        Exceptions("throw_ref", body: [0, 0, 0x0a]),
        Exceptions("a local of exnref", body: [1, 1, 0x69]),
        Exceptions("no locals of nullexnref", body: [1, 0, 0x74]),
        Exceptions("a null exception", body: [0, 0xd0, 0x69, 0x1a]),
        Exceptions("a block that gives exnref", body: [0, 0, 0x02, 0x69, 0, 0x0b, 0x1a]),
        Exceptions("a select of exnref", body: [0, 0, 0x1c, 1, 0x69, 0x1a]),
        Exceptions("a cast to exnref", body: [0, 0, 0xfb, 23, 0x69, 0x1a]),
    ]

    @Test("takes exceptions of the old kind or of the new one in all code, and not both", arguments: exceptions)
    func kindsOfExceptions(_ beside: Exceptions) {
        for isFirst in [true, false] {
            let old: [UInt8] = [0, 0x06, 0x40, 0x19, 0x0b]
            let bodies = isFirst ? [old, beside.body] : [beside.body, old]
            var module = WasmModule()
            module.addSection(1, [2, 0x60, 0, 0] + beside.type)
            module.addSection(3, [2, 0, 0])
            module.addSection(13, [1, 0, 0])
            module.addSection(6, [1] + beside.global)
            module.addSection(10, [2] + bodies.flatMap { WasmModule.unsigned($0.count + 1) + $0 + [0x0b] })
            let error = Self.error(of: module.bytes)
            #expect(error?.code == (beside.isLoaded ? nil : .unsupported), "\(String(describing: error))")
        }
    }

    @Test("points to the instruction that is wrong")
    func offset() throws {
        let bytes = Self.module([0x41, 0, 0x43, 0, 0, 0, 0, 0x6a])
        let error = try #require(Self.error(of: bytes))
        #expect(error.offset == bytes.count - 2, "i32.add stands before the last end")
    }
}
