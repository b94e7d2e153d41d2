// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// A plugin of functions that do nothing, built of what it imports and exports.
package struct PluginModule: Sendable {
    /// A type of functions: the codes of its parameters and results (spec §5.3.1: i32 is 0x7F, i64 0x7E).
    package struct Signature: Hashable, Sendable {
        let parameters: [UInt8]
        let results: [UInt8]

        /// A type by its codes.
        package init(_ parameters: [UInt8], _ results: [UInt8] = []) {
            (self.parameters, self.results) = (parameters, results)
        }

        /// So many i32, and one i32 as the result.
        package static func words(_ count: Int) -> Signature {
            Signature([UInt8](repeating: 0x7f, count: count), [0x7f])
        }

        /// So many i32, and no result.
        package static func silent(_ count: Int) -> Signature { Signature([UInt8](repeating: 0x7f, count: count)) }
    }

    /// A function that it imports, by module and name.
    package typealias Import = (module: String, name: String, type: Signature)

    /// Hosts offer it since Envoy 1.39 (proxy-wasm-cpp-host 94091cd), with the type that WASI has it with.
    package static let fdPread: Import = (
        "wasi_snapshot_preview1", "fd_pread", Signature([0x7f, 0x7f, 0x7f, 0x7e, 0x7f], [0x7f])
    )

    /// Functions that it imports.
    package var imports: [Import] = []
    /// Functions that it exports.
    package var exports: [(name: String, type: Signature)]
    /// Custom sections, by their names.
    package var customSections: [String] = []
    /// Whole sections of other kinds, by their ids: tables, memories, globals, elements and data.
    package var sections: [(id: UInt8, content: [UInt8])] = []
    /// Whether it exports a memory of a page, as hosts demand, where it imports functions.
    package var exportsMemory = true
    /// What stands before the type of each import (spec §5.3.10: 0x50 0x00 opens it to subtypes).
    package var importedTypePrefix: [UInt8] = []
    /// Imports of other kinds than functions, encoded (spec §5.5.5).
    package var otherImports: [[UInt8]] = []

    /// A plugin that claims a version of the ABI by its export, and has an allocator.
    package init(abi: String? = "proxy_abi_version_0_2_1", allocator: String? = "malloc") {
        exports = (abi.map { [($0, .silent(0))] } ?? []) + (allocator.map { [($0, .words(1))] } ?? [])
    }

    /// A plugin of the newest ABI that has imports, and exports functions of these names, too, which take and give nothing.
    package init(importing imports: [Import], exporting names: [String] = []) {
        self.init()
        self.imports = imports
        exports += names.map { ($0, .silent(0)) }
    }

    /// Where a name is first, in bytes from the start.
    package func offset(of name: String) -> Int? { bytes.firstRange(of: Array(name.utf8))?.lowerBound }

    /// The binary.
    package var bytes: [UInt8] {
        var module = WasmModule()
        let types = imports.map(\.type) + exports.map(\.type)
        func vector(_ items: [[UInt8]]) -> [UInt8] { WasmModule.unsigned(items.count) + items.joined() }
        func name(_ text: String) -> [UInt8] { WasmModule.unsigned(text.utf8.count) + text.utf8 }
        module.addSection(
            1,
            vector(
                types.enumerated().map { index, type in
                    (index < imports.count ? importedTypePrefix : []) + [0x60]
                        + vector(type.parameters.map { [$0] }) + vector(type.results.map { [$0] })
                }
            )
        )
        module.addSection(
            2,
            vector(
                imports.enumerated().map { index, item in
                    name(item.module) + name(item.name) + [0x00] + WasmModule.unsigned(index)
                } + otherImports
            )
        )
        let indices = (imports.count..<types.count).map { WasmModule.unsigned($0) }
        module.addSection(3, vector(indices))
        let hasMemory = exportsMemory && !imports.isEmpty
        let memory: [(id: UInt8, content: [UInt8])] = hasMemory ? [(5, [1, 0, 1])] : []
        func addSections(_ ids: Range<UInt8>) {
            for section in (sections + memory).sorted(by: { $0.id < $1.id }) where ids.contains(section.id) {
                module.addSection(section.id, section.content)
            }
        }
        addSections(4..<7)
        module.addSection(
            7,
            vector(
                exports.enumerated().map { index, item in
                    name(item.name) + [0x00] + WasmModule.unsigned(imports.count + index)
                } + (hasMemory ? [name("memory") + [2, 0]] : [])
            )
        )
        addSections(8..<10)
        // No locals, and `unreachable`, after which anything is valid.
        module.addSection(10, vector(indices.map { _ in [3, 0, 0x00, 0x0b] }))
        addSections(11..<12)
        for section in customSections { module.addSection(0, name(section)) }
        return module.bytes
    }
}
