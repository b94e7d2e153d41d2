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
        let demand = "A module has another size."

        var identifier: String { "size-\(size)" }

        func objections(to facts: ModuleFacts, for host: HostProfile) -> [Objection] {
            facts.size == size ? [Objection(identifier, effect, "has \(size) bytes", remedy: "pad it")] : []
        }
    }

    /// An empty module, and beside it a custom section of 9 bytes: its name takes 2, and 7 are left.
    private static let padded = WasmModule.empty + [0, 9, 1, UInt8(ascii: "x"), 1, 2, 3, 4, 5, 6, 7]

    @Test("admits what no rule objects to, with its facts")
    func admitted() throws {
        guard case .admitted(let facts, let warnings) = AdmissionPolicy(by: []).judge(Self.padded.span) else {
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
        let policy = AdmissionPolicy(by: rules + [SizeRule(size: 19, effect: .refuses)])
        guard case .refused(let refusal) = policy.judge(Self.padded.span) else {
            Issue.record("it is admitted")
            return
        }
        let objection = Objection("size-19", .refuses, "has 19 bytes", remedy: "pad it")
        #expect(refusal.objections == [objection, objection])
        #expect(refusal.rules == ["size-19"])
        #expect(refusal.reason == "has 19 bytes (size-19), and has 19 bytes (size-19)")
        #expect(refusal.remedy == "pad it")
    }

    @Test("admits with the warnings of rules that only warn, and of all if it is to")
    func warned() {
        for (effect, mode) in [(.warns, .enforce), (.refuses, .warn)] as [(Objection.Effect, AdmissionPolicy.Mode)] {
            let policy = AdmissionPolicy(for: .newest, mode, by: [SizeRule(size: 8, effect: effect)])
            guard case .admitted(_, let warnings) = policy.judge(WasmModule.empty.span) else {
                Issue.record("it is refused")
                return
            }
            #expect(warnings.map(\.rule) == ["size-8"])
        }
    }

    @Test(
        "refuses what is no core module before any rule is asked, whatever it is to do",
        arguments: [[], [0, 0x61, 0x73, 0x6d, 2, 0, 0, 0]]
    )
    func noModule(_ bytes: [UInt8]) {
        let policy = AdmissionPolicy(for: .newest, .warn, by: [SizeRule(size: 0, effect: .refuses)])
        guard case .refused(let refusal) = policy.judge(bytes.span) else {
            Issue.record("it is admitted")
            return
        }
        #expect(refusal.rules == ["core-module"])
    }

    @Test("warns of what Envoy cannot fetch, unless another is given (kBufferLimitForResponse)")
    func fetchLimit() {
        for (size, rules) in [(33_554_432, []), (33_554_433, ["fetch-limit"])] {
            guard case .admitted(let facts, let warnings) = AdmissionPolicy().judge(WasmModule.ofSize(size).span)
            else {
                Issue.record("it is refused")
                return
            }
            #expect(facts.size == size)
            #expect(warnings.map(\.rule) == rules)
        }
    }
}
