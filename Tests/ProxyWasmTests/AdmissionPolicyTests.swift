// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import ProxyWasm
import TestSupport
import Testing
import WasmBinary

@Suite("An admission policy")
struct AdmissionPolicyTests {
    /// Objects to modules of a size.
    private struct SizeRule: AdmissionRule {
        let size: Int
        let effect: Objection.Effect

        func objection(to facts: ModuleFacts) -> Objection? {
            facts.size == size ? Objection("size-\(size)", effect, "has \(size) bytes", remedy: "pad it") : nil
        }
    }

    /// An empty module, and beside it a custom section of 9 bytes: its name takes 2, and 7 are left.
    private static let padded = WasmModule.empty + [0, 9, 1, UInt8(ascii: "x"), 1, 2, 3, 4, 5, 6, 7]

    @Test("admits what no rule objects to, with its facts")
    func admitted() throws {
        guard case .admitted(let facts, let warnings) = AdmissionPolicy([]).judge(Self.padded.span) else {
            Issue.record("it is refused")
            return
        }
        #expect(facts.size == 19)
        #expect(facts.sectionSizes == [.custom: 9])
        #expect(warnings.isEmpty)
    }

    @Test("asks every rule, and refuses for every reason at once")
    func refused() {
        let rules = [
            SizeRule(size: 19, effect: .refuses), SizeRule(size: 19, effect: .warns),
            SizeRule(size: 8, effect: .refuses),
        ]
        let verdict = AdmissionPolicy(rules + [SizeRule(size: 19, effect: .refuses)]).judge(Self.padded.span)
        let refusal = Objection("size-19", .refuses, "has 19 bytes", remedy: "pad it")
        #expect(verdict == .refused([refusal, refusal]))
    }

    @Test("admits with the warnings of rules that only warn")
    func warned() {
        let verdict = AdmissionPolicy([SizeRule(size: 8, effect: .warns)]).judge(WasmModule.empty.span)
        guard case .admitted(_, let warnings) = verdict else {
            Issue.record("it is refused")
            return
        }
        #expect(warnings.map(\.rule) == ["size-8"])
    }

    @Test(
        "refuses what is no core module before any rule is asked",
        arguments: [[], [0, 0x61, 0x73, 0x6d, 2, 0, 0, 0]]
    )
    func noModule(_ bytes: [UInt8]) {
        guard case .refused(let objections) = AdmissionPolicy([SizeRule(size: 0, effect: .refuses)]).judge(bytes.span)
        else {
            Issue.record("it is admitted")
            return
        }
        #expect(objections.map(\.rule) == ["core-module"])
    }

    @Test("is the standard one unless another is given: it warns of what Envoy cannot fetch (kBufferLimitForResponse)")
    func standard() {
        for (size, rules) in [(33_554_432, []), (33_554_433, ["envoy-fetch-limit"])] {
            guard case .admitted(let facts, let warnings) = AdmissionPolicy.standard.judge(WasmModule.ofSize(size).span)
            else {
                Issue.record("it is refused")
                return
            }
            #expect(facts.size == size)
            #expect(warnings.map(\.rule) == rules)
        }
    }
}
