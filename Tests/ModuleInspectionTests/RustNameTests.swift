// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Testing

@testable import ModuleInspection

@Suite("Names of Rust's")
struct RustNameTests {
    private static func demangled(_ name: String) -> String? {
        var effort = 0
        return RustName.demangled(Array(name.utf8), &effort)
    }

    /// What RFC 2603 has as examples, and rustc writes; expected is what `llvm-cxxfilt` 14 makes of them.
    @Test(
        "are written as in a program (RFC 2603)",
        arguments: [
            ("_RNvCskwGfYPst2Cb_3foo16example_function", "foo::example_function"),
            ("_RNvNtCs1234_7mycrate3foo3bar", "mycrate::foo::bar"),
            ("_RNCNCNgCs6DXkGYLi8lr_2cc5spawn00B5_", "cc::spawn::{closure#0}::{closure#0}"),
            (
                "_RNCINkXs25_NgCsbmNqQUJIY6D_4core5sliceINyB9_4IterhENuNgNoBb_4iter8iterator8Iterator9rpositionNCNgNpB9_6memchr7memrchrs_0E0Bb_",
                "<core::slice::Iter<u8> as core::iter::iterator::Iterator>::rposition::<core::slice::memchr::memrchr::{closure#1}>::{closure#0}"
            ),
            (
                "_RINbNbCskIICzLVDPPb_5alloc5alloc8box_freeDINbNiB4_5boxed5FnBoxuEp6OutputuEL_ECs1iopQbuBiw2_3std",
                "alloc::alloc::box_free::<dyn alloc::boxed::FnBox<(), Output = ()>>"
            ),
            (
                "_RNqCs4fqI2P2rA04_11utf8_identsu30____7hkackfecea1cbdathfdh9hlq6y",
                "utf8_idents::საჭმელად_გემრიელი_სადილი"
            ),
            ("_RMC0INtC8arrayvec8ArrayVechKj7b_E", "<arrayvec::ArrayVec<u8, 123>>"),
            ("_RNvXs2_C7mycrateINtNtC3std3vec3VecpENtB5_5Trait3foo", "<std::vec::Vec<_> as mycrate::Trait>::foo"),
            ("_RINvNtC3std3mem8align_ofFUKCiEuE", "std::mem::align_of::<unsafe extern \"C\" fn(isize)>"),
            ("_RINvC1a1bRL_eE", "a::b::<&str>"), ("_RINvC1a1bQL_hE", "a::b::<&mut u8>"),
            ("_RINvC1a1bDG_INtC1a2FnRL0_eEp6OutputuEL_E", "a::b::<dyn for<'a> a::Fn<&'a str, Output = ()>>"),
            (
                "_RINvC1a1bTEThETheEAhj10_SmOePfE",
                "a::b::<(), (u8,), (u8, str), [u8; 16], [u32], *mut str, *const f32>"
            ),
            ("_RINvC1a1bKln5_Kb1_Kc41_KpE", "a::b::<-5, true, 'A', _>"), ("_RNvYNtC1a1SNtC1b1T1f", "<a::S as b::T>::f"),
        ]
    )
    func rfc(_ name: String, _ expected: String) {
        #expect(Self.demangled(name) == expected)
    }

    @Test("have no suffix that a linker added")
    func suffix() {
        #expect(Self.demangled("_RNvC1a1b.llvm.123") == "a::b")
    }

    @Test(
        "are told from what only looks like them",
        arguments: [
            "_R", "_RN", "_RNvC1a", "_RNvC1a9b", "_RNvC1a1b!", "_R0NvC1a1b", "_RNvC99999999999999999999a1b",
            "_RINvC1a1bRL9_eE", "_RNvB_1b", "_RNvB2_1b", "_RINvC1a1bKb2_E", "RNvC1a1b", "",
        ]
    )
    func malformed(_ name: String) {
        #expect(Self.demangled(name) == nil)
    }

    @Test("end, however deep they nest or often they refer to themselves")
    func hostile() throws {
        let doubling = (0..<40).reduce("_RINvC1a1b") { name, _ in "\(name)TB8_B8_B8_" }
        let names = [
            "_RINvC1a1b" + String(repeating: "R", count: 100_000) + "eE", "_RINvC1a1bFG_RL0_eEB7_E",
            "_RINvC1a1b" + String(repeating: "T", count: 50) + "B8_B8_B8_", doubling,
            "_R" + String(repeating: "NvB2_", count: 1000), "_RINvC1a1bFGzzzzz_EuE",
        ]
        for name in names {
            var effort = 0
            let text = RustName.demangled(Array(name.utf8), &effort)
            #expect(text.map { $0.utf8.count <= 4096 + 3 } ?? true)
            #expect(effort < 30_000)
        }
        let cut = try #require(Self.demangled("_RINvC1a1bFG_RL0_eEB7_E"))
        #expect(cut.hasPrefix("a::b::<for<'a> fn(&'a str)") && cut.hasSuffix("…"))
    }

    /// Names of rustc 1.97 with `-C symbol-mangling-version=legacy`; expected is what `c++filt -s rust` makes of them, without hashes.
    @Test(
        "of before are written as in a program, too",
        arguments: [
            (
                "_ZN4core3ptr85drop_in_place$LT$std..rt..lang_start$LT$$LP$$RP$$GT$..$u7b$$u7b$closure$u7d$$u7d$$GT$17h0123456789abcdefE",
                "core::ptr::drop_in_place<std::rt::lang_start<()>::{{closure}}>"
            ),
            ("_ZN4core3fmt2rt8Argument11new_display17h0123456789abcdefE", "core::fmt::rt::Argument::new_display"),
            ("_ZN3foo3bar17h05af221e174051e9E.llvm.42", "foo::bar"),
            ("_ZN34_$LT$$RF$T$u20$as$u20$foo..Bar$GT$3baz17h05af221e174051e9E", "<&T as foo::Bar>::baz"),
        ]
    )
    func legacy(_ name: String, _ expected: String) {
        #expect(LegacyRustName.demangled(Array(name.utf8)) == expected)
    }

    @Test(
        "of before are told from C++'s by their hash",
        arguments: [
            "_ZN3foo3barE", "_ZN3foo17h05af221e174051eE", "_ZN3foo17h05af221e174051eGE", "_ZN17h05af221e174051e9E",
            "_ZN9foo",
            "_ZN3foo3bar17h05af221e174051e9", "_ZN99999999999999999999foo17h05af221e174051e9E",
        ]
    )
    func notLegacy(_ name: String) {
        #expect(LegacyRustName.demangled(Array(name.utf8)) == nil)
    }
}
