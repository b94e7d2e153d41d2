// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import WasmBinary

// What of a module no proxy needs to run it, and what none should.
extension ModuleInspection {
    /// The custom sections with what debuggers read: DWARF, source maps, what a linker left.
    package var debugSections: [SectionSize] {
        sections.filter { section in
            section.kind == .custom && Self.debugPrefixes.contains { section.name.hasPrefix($0) }
        }
    }

    /// The custom sections that a host with `allow_precompiled` runs instead of the module's code, which nobody has verified.
    package var precompiledSections: [SectionSize] {
        sections.filter { $0.kind == .custom && $0.name.contains("precompiled_") }
    }

    /// How many bytes the names of functions take, which are for people who read stack traces.
    package var nameSectionSize: Int {
        sections.first { $0.kind == .custom && $0.name == "name" }?.size ?? 0
    }

    /// (tool-conventions, Debugging.md and Linking.md).
    private static let debugPrefixes = [".debug_", "reloc.", "linking", "sourceMappingURL", "external_debug_info"]
}
