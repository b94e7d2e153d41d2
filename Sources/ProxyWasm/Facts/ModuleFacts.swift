// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import WasmBinary

/// What rules ask of a module: a few kilobytes, however much it has of anything.
package struct ModuleFacts: Hashable, Sendable {
    /// In bytes.
    package let size: Int
    /// How many bytes the sections of each kind have as their content; a kind that is not there is missing.
    package let sectionSizes: [Section.Kind: Int]
    /// What the custom sections say that concern hosts.
    package let customSections: CustomSections
    /// What it takes from its host.
    package let imports: ImportList
    /// What it gives to its host, as far as hosts look for it.
    package let exports: ExportList
    /// Its memories, imported ones too.
    package let memories: MemoryFacts
    /// The first import or export of a type that hosts do not know; nil if there is none.
    let unknownItem: UnknownItem?

    /// The facts of a module; fails if the bytes are no valid core module.
    package init(of bytes: Span<UInt8>) throws(Diagnosis) {
        var sizes: [Section.Kind: Int] = [:]
        var customSections = CustomSections()
        let module: CoreModule
        do throws(WasmBinaryError) {
            module = try CoreModule(decoding: bytes) { section in
                sizes[section.kind, default: 0] += section.content.count
                customSections.add(section, of: bytes)
            }
        } catch {
            throw Diagnosis(of: bytes, error)
        }
        (size, sectionSizes, self.customSections) = (bytes.count, sizes, customSections)
        imports = ImportList(of: module, bytes)
        exports = ExportList(of: module, bytes)
        memories = MemoryFacts(of: module)
        unknownItem = UnknownItem(in: module)
    }

    /// The version of the ABI that it claims; nil if it claims none that hosts know.
    package var abi: ABIVersion? { exports.abi }
}

/// The memories of a module.
package struct MemoryFacts: Hashable, Sendable {
    /// How many it takes from its host.
    let importedCount: Int
    /// The largest that one of them has to begin with, in pages of 64 KiB; nil if there is no memory.
    package let largestMinimum: UInt64?

    init(of module: CoreModule) {
        importedCount = module.imports.reduce(0) { $0 + ($1.kind == .memory ? 1 : 0) }
        largestMinimum = module.memories.map(\.minimum).max()
    }
}

/// An import or export that is a tag or has values of types that hosts do not know.
struct UnknownItem: Hashable, Sendable {
    /// What and where it is, in words that follow "its".
    let words: String
    /// Where its name is, in bytes from the start of the binary.
    let offset: Int

    /// The first of a module; nil if there is none.
    init?(in module: CoreModule) {
        for (index, item) in module.imports.enumerated() {
            guard let words = Self.words(item.kind, module.valueTypes(of: item)) else { continue }
            (self.words, offset) = ("import \(index) is \(words)", item.module.range.lowerBound)
            return
        }
        for (index, item) in module.exports.enumerated() {
            guard let words = Self.words(item.kind, module.valueTypes(of: item)) else { continue }
            (self.words, offset) = ("export \(index) is \(words)", item.name.range.lowerBound)
            return
        }
        return nil
    }

    private static func words(_ kind: CoreModule.Kind, _ types: [ValueType]) -> String? {
        if kind == .tag { return "a tag of exceptions" }
        return types.first { !$0.isKnownToHosts }.map { "a \(kind) of the type \($0)" }
    }
}

/// What custom sections say that concern hosts.
package struct CustomSections: Hashable, Sendable {
    /// The most names that are kept.
    private static let mostNames = 8
    /// What V8 takes for native code (`bytecode_util.cc`).
    private static let nativeCode = Array("precompiled_".utf8)
    /// What DWARF's sections are called.
    private static let debugging = Array(".debug_".utf8)

    /// The places of the names of the first that have native code, in bytes from the start of the binary.
    private(set) var nativeCode: [Int] = []
    /// How many bytes those for debuggers have.
    package private(set) var debuggingSize = 0

    mutating func add(_ section: Section, of bytes: Span<UInt8>) {
        guard let name = section.name else { return }
        if bytes.extracting(name).starts(with: Self.debugging) { debuggingSize += section.content.count }
        if nativeCode.count < Self.mostNames, bytes.extracting(name).contains(Self.nativeCode) {
            nativeCode.append(name.lowerBound)
        }
    }
}

extension Span<UInt8> {
    fileprivate func starts(with bytes: [UInt8]) -> Bool {
        count >= bytes.count && bytes.indices.allSatisfy { self[$0] == bytes[$0] }
    }

    fileprivate func contains(_ bytes: [UInt8]) -> Bool {
        guard count >= bytes.count else { return false }
        return (0...count - bytes.count).contains { extracting($0..<count).starts(with: bytes) }
    }
}
