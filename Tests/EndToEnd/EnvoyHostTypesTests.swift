// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport
import Testing

@Suite("A module that would end Envoy")
struct EnvoyHostTypesTests {
    /// A plugin that exports a function of one parameter besides what Envoy demands.
    private static func plugin(exportingFunctionOf type: UInt8) -> [UInt8] {
        func export(_ name: String, _ kind: UInt8, _ index: UInt8) -> [UInt8] {
            [UInt8(name.utf8.count)] + Array(name.utf8) + [kind, index]
        }
        var module = WasmModule()
        module.addSection(1, [3, 0x60, 0, 0, 0x60, 1, 0x7f, 1, 0x7f, 0x60, 1, type, 0])
        module.addSection(3, [3, 0, 1, 2])
        module.addSection(5, [1, 0, 1])
        let exports = [
            export("memory", 2, 0), export("proxy_abi_version_0_2_1", 0, 0), export("malloc", 0, 1), export("x", 0, 2),
        ]
        module.addSection(7, [4] + exports.joined())
        module.addSection(10, [3, 2, 0, 0x0b, 4, 0, 0x41, 0, 0x0b, 2, 0, 0x0b])
        return module.bytes
    }

    private static func filter(of file: String) -> String {
        """
        {
          "name": "plugin",
          "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm",
            "config": {
              "name": "plugin",
              "vm_config": {
                "runtime": "envoy.wasm.runtime.v8",
                "code": { "local": { "filename": "\(file)" } }
              }
            }
          }
        }
        """
    }

    // Spec §5.3: v128, exnref, anyref; and i64 and externref, which Envoy takes.
    @Test(
        "is rejected, and no other: an Envoy that is given the same file ends by a signal where it is",
        arguments: EnvoyVersion.allCases,
        [(0x7b, true), (0x69, true), (0x6e, true), (0x7e, false), (0x6f, false)] as [(UInt8, Bool)]
    )
    func types(version: EnvoyVersion, type: (code: UInt8, endsEnvoy: Bool)) async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "plugin.wasm")
            try Data(Self.plugin(exportingFunctionOf: type.code)).write(to: file)
            let bootstrap = folder.appending(path: "envoy.json")
            try Data(EnvoyConfiguration(filter: Self.filter(of: file.path), cluster: "").json.utf8).write(to: bootstrap)
            let arguments = ["--config-path", bootstrap.path, "--mode", "validate", "--disable-hot-restart"]
            let envoy = try Program(version.binary, arguments, outputIn: folder)
            let code = await envoy.exitCode()
            let words = try envoy.lastWords
            #expect(type.endsEnvoy ? code < 0 : code == 0, "\(words)")
            let ours = try await Outcome.of(["serve", "--check", file.path], in: folder)
            #expect(ours.code == (type.endsEnvoy ? SysExit.dataError : 0))
            if type.endsEnvoy { #expect(ours.errors.contains { $0.contains("ends every Envoy that loads it") }) }
        }
    }
}
