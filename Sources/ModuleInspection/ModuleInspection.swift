// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import WasmBinary

/// An account of a module for people who write plugins, and for those who run them: what it is, what it may do, what takes the room.
///
/// 1. It has to be a valid module; otherwise the diagnosis says what it is instead.
/// 2. Its sections are added up, custom ones by their names.
/// 3. Its functions get the sizes of their bodies, and names as people write them.
/// 4. What it takes from its host and gives to it is put into words.
package struct ModuleInspection: Sendable {
    /// In bytes.
    package let size: Int
    /// What the sections of each kind take, in their order.
    package let sections: [SectionSize]
    /// The functions that have a body, in their order.
    package let functions: [FunctionSize]
    /// How many functions it takes from its host.
    package let importedFunctionCount: Int
    /// What the functions take by what they belong to, the largest first.
    package let owners: [OwnerSize]
    /// The data segments, in their order.
    package let data: [DataSize]
    /// The versions of the ABI whose export it has, in their order: the first one that a host knows counts.
    package let abiVersions: [String]
    /// What it takes from its host, by what that lets it do.
    package let capabilities: [Capability.Use]
    /// What its host calls, and what for.
    package let callbacks: [Callback]
    /// What else it gives to its host, in its order.
    package let otherExports: [OtherExport]
    /// The memories, imported ones first.
    package let memories: [MemoryLimits]
    /// Which function runs when the module is instantiated, by its name or its number; nil if none does.
    package let start: String?
    /// The name that it has for itself; nil if it has none.
    package let name: String?
    /// What made it.
    package let toolchain: Toolchain
    /// What it uses of WebAssembly beyond version 1.0.
    package let features: [Feature]
    /// What is wrong with sections that only people read.
    package let remarks: [String]

    /// Examines all bytes of a module.
    ///
    /// - Throws: ``Diagnosis`` if they are no valid core module.
    package init(of bytes: Span<UInt8>) throws(Diagnosis) {
        let anatomy: ModuleAnatomy
        do throws(WasmBinaryError) {
            anatomy = try ModuleAnatomy(of: bytes)
        } catch {
            throw Diagnosis(of: bytes, error)
        }
        var names = ModuleNames(anatomy, bytes)
        let exports = ModuleExports(anatomy.module, bytes)
        size = bytes.count
        sections = anatomy.sections
        functions = names.functions(of: anatomy, bytes)
        importedFunctionCount = anatomy.importedFunctionCount
        owners = names.owners
        data = names.data(of: anatomy, bytes)
        abiVersions = exports.abiVersions
        capabilities = Capability.uses(of: anatomy.module, bytes)
        callbacks = exports.callbacks
        otherExports = exports.others
        memories = Array(anatomy.module.memories)
        start = anatomy.module.start.map { names.name(of: $0, bytes)?.text ?? "function \($0)" }
        name = names.module
        toolchain = names.toolchain
        features = anatomy.module.features.list
        remarks = anatomy.remarks
    }
}

/// What the sections of one kind, or of one name, take.
package struct SectionSize: Hashable, Sendable {
    /// What kind they are.
    package let kind: Section.Kind
    /// What a custom one is called, or what kind it is: `code`.
    package let name: String
    /// In bytes, with their ids, sizes and names.
    package internal(set) var size: Int
    /// How many there are.
    package internal(set) var count: Int
}

/// What a function takes.
package struct FunctionSize: Hashable, Sendable {
    /// Its number among all functions, imported ones first.
    package let index: Int
    /// Its name as people write it; nil if the module has none for it.
    package let name: String?
    /// In bytes: its code, with its locals.
    package let size: Int

    /// The name, or the number where there is none.
    package var label: String { name ?? "function \(index)" }
}

/// What the functions of one crate, package, namespace or file take.
package struct OwnerSize: Hashable, Sendable {
    /// Its name; nil for functions whose names do not tell.
    package let name: String?
    /// In bytes.
    package internal(set) var size: Int
    /// How many functions there are.
    package internal(set) var count: Int
}

/// What a data segment takes.
package struct DataSize: Hashable, Sendable {
    /// Its number.
    package let index: Int
    /// Its name, such as `.rodata`; nil if the module has none for it.
    package let name: String?
    /// In bytes.
    package let size: Int
}
