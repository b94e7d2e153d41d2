// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Testing

@testable import ModuleInspection

@Suite("What a function belongs to")
struct FunctionNameTests {
    @Test(
        "is told by its name in Rust, C++ and AssemblyScript",
        arguments: [
            ("_RNvNtCs1234_7mycrate3foo3bar", "mycrate"), ("_RMC0INtC8arrayvec8ArrayVechKj7b_E", "arrayvec"),
            ("_ZN4core3fmt2rt8Argument11new_display17h0123456789abcdefE", "core"),
            ("<u32 as core::fmt::Display>::fmt", "core"), ("<&T as foo::Bar>::baz", "foo"),
            ("_ZN10proxy_wasm11ContextBase8onCreateEv", "proxy_wasm"),
            ("std::__1::vector<int, std::__1::allocator<int>>::push_back(int const&)", "std"),
            ("bool absl::equal<int>(int, int)", "absl"), ("std::string proxy::name<int>(foo::bar)", "proxy"),
            ("void std::__sort<foo::Bar*>(foo::Bar*)", "std"), ("vtable for foo::Bar", "foo"),
            ("_ZN12_GLOBAL__N_13fooEi", "(anonymous namespace)"), ("foo::operator()(int)", "foo"),
            ("~lib/rt/itcms/visitRoots", "~lib/rt"), ("assembly/index/start", "assembly/index"),
            ("node_modules/@solo-io/proxy-runtime/assembly/index/log", "node_modules/@solo-io/proxy-runtime"),
        ]
    )
    func owner(_ name: String, _ expected: String) {
        var effort = 0
        #expect(FunctionName(Array(name.utf8), isGo: false, effort: &effort).owner == expected)
    }

    @Test(
        "is not guessed where a name does not tell",
        arguments: [
            "malloc", "_Znwm", "operator new(unsigned long)", "f(foo::Bar)", "void f<foo::Bar>(int)", "_start", "a/b",
            "", "__wasm_call_ctors",
            "_ZN", "_Rx::y", "::", "<", "((((", ">>>>", "operator",
        ]
    )
    func noOwner(_ name: String) {
        var effort = 0
        let owner = FunctionName(Array(name.utf8), isGo: false, effort: &effort).owner
        #expect(owner == nil || name == "a/b")
    }

    @Test(
        "is the package in Go, as its linker writes it and as TinyGo does",
        arguments: [
            ("runtime.gcStart", "runtime", "runtime.gcStart"),
            ("net_http.__Client_.Do", "net_http", "net_http.(*Client).Do"),
            (
                "github.com_tidwall_gjson.__Result_.Get", "github.com_tidwall_gjson",
                "github.com_tidwall_gjson.(*Result).Get"
            ),
            ("main.main.func1", "main", "main.main.func1"),
            ("(*net/http.Client).Do", "net/http", "(*net/http.Client).Do"),
            ("github.com/tetratelabs/x/proxywasm.Log$1", "github.com/tetratelabs/x/proxywasm", nil),
            ("gopkg.in/yaml.v3.Marshal", "gopkg.in/yaml", nil), ("malloc", nil, nil), ("", nil, nil), ("...", nil, nil),
        ] as [(String, String?, String?)]
    )
    func package(_ name: String, _ package: String?, _ text: String?) {
        var effort = 0
        let read = FunctionName(Array(name.utf8), isGo: true, effort: &effort)
        #expect(read.owner == package)
        #expect(read.text == text ?? name)
    }

    @Test("is not looked for any more once names have taken too long")
    func effort() {
        var effort = FunctionName.mostEffort
        let name = FunctionName(Array("_RNvC1a1b".utf8), isGo: false, effort: &effort)
        #expect(name.text == "_RNvC1a1b")
    }
}
