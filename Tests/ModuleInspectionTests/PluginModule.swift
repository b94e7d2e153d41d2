// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import TestSupport

/// A plugin of a few functions, with what tools write into one.
enum PluginModule {
    /// The sizes of the bodies of functions 1 to 3; function 0 is imported.
    static let bodySizes = [2, 7, 12]

    /// The binary.
    ///
    /// - Parameters:
    ///   - abi: The name of its ABI's export.
    ///   - imported: What it takes from `env`.
    ///   - names: The names of functions, by their indices.
    ///   - custom: Other custom sections.
    /// - Returns: All of it.
    static func bytes(
        abi: String = "proxy_abi_version_0_2_1",
        imported: String = "proxy_log",
        names: [(Int, String)] = [],
        custom: [(String, [UInt8])] = []
    ) -> [UInt8] {
        var module = WasmModule()
        module.addSection(1, [1, 0x60, 0, 0])
        module.addSection(2, [1] + name("env") + name(imported) + [0, 0])
        module.addSection(3, [3, 0, 0, 0])
        module.addSection(5, [1, 0, 2])
        let exports = [name(abi) + [0, 1], name("proxy_on_tick") + [0, 2], name("memory") + [2, 0]]
        module.addSection(7, [3] + exports.flatMap(\.self))
        // Each body: its size, no locals, `nop` as often as fits, `end`.
        let bodies = bodySizes.flatMap { [UInt8($0), 0] + [UInt8](repeating: 1, count: $0 - 2) + [0x0b] }
        module.addSection(10, [3] + bodies)
        module.addSection(11, [2, 0, 0x41, 0x10, 0x0b, 3, 1, 2, 3, 1, 5, 1, 2, 3, 4, 5])
        if !names.isEmpty {
            let map = WasmModule.unsigned(names.count) + names.flatMap { WasmModule.unsigned($0.0) + name($0.1) }
            module.addSection(0, name("name") + [1] + WasmModule.unsigned(map.count) + map)
        }
        for (title, content) in custom { module.addSection(0, name(title) + content) }
        return module.bytes
    }

    /// A name with its length (spec §5.2.4).
    static func name(_ text: String) -> [UInt8] { WasmModule.unsigned(text.utf8.count) + Array(text.utf8) }

    /// The section `producers` of a language and a tool (tool-conventions, ProducersSection.md).
    static let producers: [UInt8] =
        [2] + name("language") + [1] + name("Rust") + [0] + name("processed-by") + [1] + name("rustc") + name("1.98.1")
}
