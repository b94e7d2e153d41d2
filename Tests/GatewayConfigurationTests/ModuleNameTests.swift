// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Testing

@testable import GatewayConfiguration

@Suite("Names of modules")
struct ModuleNameTests {
    @Test(
        "are the names of what is configured, where they are labels of DNS",
        arguments: ["plugin", "a-b", "123", "true"]
    )
    func ordinary(_ name: String) {
        #expect(ModuleName(name, path: "/\(name).wasm").label == name)
    }

    // The digits are what `printf %s PATH | sha256sum` begins with.
    @Test(
        "are told apart by their paths, where they are none",
        arguments: [
            ("Rate Limit", nil, "/Rate%20Limit.wasm", "rate-limit-4dccd03b"),
            ("--a__b--", nil, "/--a__b--.wasm", "a-b-e133a175"),
            ("\u{1f642}", nil, "/%F0%9F%99%82.wasm", "plugin-8b4ed4f4"),
            ("p", "1", "/p/1/plugin.wasm", "p-1-bfcdc0d7"), ("p-1", nil, "/p-1.wasm", "p-1"),
            (longName, nil, "/\(longName).wasm", "\(longName.prefix(40))-c0c07580"),
        ] as [(String, String?, String, String)]
    )
    func odd(_ name: String, _ version: String?, _ path: String, _ label: String) {
        #expect(ModuleName(name, version: version, path: path).label == label)
    }

    @Test("are not the same for two paths")
    func different() {
        let names = [
            ModuleName("a/b", path: "/a/b.wasm"), ModuleName("a b", path: "/a%20b.wasm"),
            ModuleName("a-b", path: "/a-b.wasm"), ModuleName("A-b", path: "/A-b.wasm"),
            ModuleName("日本", path: "/%E6%97%A5%E6%9C%AC.wasm"), ModuleName("-", path: "/-.wasm"),
            ModuleName("plugin", path: "/plugin.wasm"), ModuleName("p", version: "1", path: "/p/1/plugin.wasm"),
            ModuleName("p", version: "2", path: "/p/2/plugin.wasm"), ModuleName("p", path: "/p.wasm"),
            ModuleName("p-1", path: "/p-1.wasm"), ModuleName(Self.longName, path: "/\(Self.longName).wasm"),
            ModuleName(Self.longName + "b", path: "/\(Self.longName)b.wasm"),
        ]
        #expect(Set(names.map(\.label)).count == names.count)
    }

    private static let longName = String(repeating: "a", count: 100)
}
