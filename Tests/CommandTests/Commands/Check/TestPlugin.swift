// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import TestSupport

/// A small plugin: what every host demands of one, and what a test adds.
struct TestPlugin {
    /// Something that it imports.
    struct Import {
        let module: String
        let name: String
        /// As in the type section: the form, the parameters and the results (spec §5.3.6).
        let type: [UInt8]

        /// A function; by default of no parameters and results.
        init(_ module: String, _ name: String, type: [UInt8] = [0x60, 0, 0]) {
            (self.module, self.name, self.type) = (module, name, type)
        }

        /// Hosts offer it since Envoy 1.39 (proxy-wasm-cpp-host 94091cd), with the type that WASI has it with.
        static let fdPread = Import(
            "wasi_snapshot_preview1",
            "fd_pread",
            type: [0x60, 5, 0x7f, 0x7f, 0x7f, 0x7e, 0x7f, 1, 0x7f]
        )
    }

    /// The module (spec §5.5).
    let bytes: [UInt8]

    /// A plugin with functions of these names besides `malloc`, the first of which claims the ABI.
    init(importing imports: [Import] = [], exporting names: [String] = ["proxy_abi_version_0_2_1"]) {
        var module = WasmModule()
        let types = [[0x60, 0, 0], [0x60, 1, 0x7f, 1, 0x7f]] + imports.map(\.type)
        module.addSection(1, Self.vector(types))
        let entries = imports.enumerated().map { index, item in
            Self.name(item.module) + Self.name(item.name) + [0] + WasmModule.unsigned(index + 2)
        }
        if !imports.isEmpty { module.addSection(2, Self.vector(entries)) }
        module.addSection(3, [2, 0, 1])
        module.addSection(5, [1, 0, 1])
        let exports = names.map { Self.name($0) + [0] + WasmModule.unsigned(imports.count) }
        let allocator = Self.name("malloc") + [0] + WasmModule.unsigned(imports.count + 1)
        module.addSection(7, Self.vector(exports + [allocator, Self.name("memory") + [2, 0]]))
        module.addSection(10, [2, 2, 0, 0x0b, 4, 0, 0x20, 0, 0x0b])
        bytes = module.bytes
    }

    /// Where a name is, in bytes from the start.
    func offset(of name: String) -> Int? { bytes.firstRange(of: Array(name.utf8))?.lowerBound }

    private static func vector(_ items: [[UInt8]]) -> [UInt8] {
        WasmModule.unsigned(items.count) + items.flatMap(\.self)
    }
    private static func name(_ name: String) -> [UInt8] { WasmModule.unsigned(name.utf8.count) + Array(name.utf8) }
}
