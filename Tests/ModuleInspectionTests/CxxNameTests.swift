// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import Testing

@testable import ModuleInspection

@Suite("Names of C++'s")
struct CxxNameTests {
    private static func demangled(_ name: String) -> String? {
        var effort = 0
        return CxxName.demangled(Array(name.utf8), &effort)
    }

    /// Expected is what `c++filt` of binutils 2.40 makes of them.
    @Test(
        "are written as in a program",
        arguments: [
            ("_ZN10proxy_wasm11ContextBase8onCreateEv", "proxy_wasm::ContextBase::onCreate()"),
            ("_Znwm", "operator new(unsigned long)"),
            ("_ZNK3foo3barIiE3bazEPKcz", "foo::bar<int>::baz(char const*, ...) const"),
            ("_ZN12_GLOBAL__N_13fooEi", "(anonymous namespace)::foo(int)"),
            ("_ZZ4mainENKUlvE_clEv", "main::{lambda()#1}::operator()() const"),
        ]
    )
    func demangle(_ name: String, _ expected: String) {
        #expect(Self.demangled(name) == expected)
    }

    @Test("are told from what only looks like them", arguments: ["_Z", "_ZN", "_Zx", "main", "", "_Z1f\0i"])
    func malformed(_ name: String) {
        #expect(Self.demangled(name) == nil)
    }

    /// As long as is allowed, and nested as deep as that: pointers, templates, scopes, arguments, function types.
    private static let nested: [String] = {
        func name(_ start: String, _ opening: String, _ content: String, _ closing: String, _ end: String = "")
            -> String
        {
            let room = CxxName.mostBytes - start.utf8.count - content.utf8.count - end.utf8.count
            let count = room / (opening.utf8.count + closing.utf8.count)
            return start + String(repeating: opening, count: count) + content
                + String(repeating: closing, count: count) + end
        }
        return [
            name("_Z1f", "P", "i", ""), name("_Z1f", "1AI", "i", "E"), name("_ZN", "1a", "", "", "E"),
            name("_Z1f", "PFv", "v", "E"), name("_Z1fIX", "ng", "Li1E", "", "EEvv"), name("_Z1f", "A1_", "i", ""),
            name("_Z1f", "DTcl", "", "EE"), name("_Z", "Z1fvE", "1fv", ""), name("_Z1fIX", "cl1f", "", "E", "EEvv"),
            name("_Z", "GV", "1f", ""), name("_Z1fIX", "L_Z1fIX", "Li1E", "EEvE", "EEvv"), name("_Z1f", "KV", "i", ""),
        ]
    }()

    @Test("nest as deep as they are long, in a thread whose stack is small", .timeLimit(.minutes(1)))
    func nesting() async {
        let lengths = await withCheckedContinuation { continuation in
            let thread = Thread {
                continuation.resume(returning: Self.nested.map { Self.demangled($0)?.utf8.count ?? 0 })
            }
            thread.stackSize = 512 << 10
            thread.start()
        }
        #expect(lengths.contains { $0 > 1000 })
        #expect(lengths.allSatisfy { $0 <= 4096 })
    }

    /// A type of three that are like the one before, and so on: `c++filt` writes 3 to the power of so many.
    private static func trebling(_ times: Int) -> String {
        let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        return (0..<times).reduce("_Z1f1AIiiiE") { name, index in
            let reference = "S\(digits[index])_"
            return "\(name)S_I\(reference)\(reference)\(reference)E"
        }
    }

    @Test("are left as they are if they would grow without end")
    func growing() {
        #expect(Self.demangled(Self.trebling(2))?.hasPrefix("f(A<int, int, int>, A<A<int") == true)
        var effort = 0
        for times in 3...30 { _ = CxxName.demangled(Array(Self.trebling(times).utf8), &effort) }
        #expect(effort < 100_000)
        #expect(Self.demangled(Self.trebling(30)) == nil)
        #expect(Self.demangled("_Z1f" + String(repeating: "i", count: CxxName.mostBytes)) == nil)
    }
}
