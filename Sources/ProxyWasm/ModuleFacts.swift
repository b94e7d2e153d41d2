// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import WasmBinary

/// What rules ask of a module's bytes: a few numbers, however many sections there are.
package struct ModuleFacts: Hashable, Sendable {
    /// In bytes.
    package let size: Int
    /// How many bytes the sections of each kind have as their content; a kind that is not there is missing.
    package let sectionSizes: [Section.Kind: Int]
    /// The first import or export of a type that hosts do not know, in words that follow "its"; nil if there is none.
    package let unknownItem: String?

    /// The facts of a module; fails if the bytes are no valid core module.
    package init(of bytes: Span<UInt8>) throws(Diagnosis) {
        var sizes: [Section.Kind: Int] = [:]
        do throws(WasmBinaryError) {
            let module = try CoreModule(decoding: bytes) { sizes[$0.kind, default: 0] += $0.content.count }
            unknownItem = module.unknownItem
        } catch {
            throw Diagnosis(of: bytes, error)
        }
        (size, sectionSizes) = (bytes.count, sizes)
    }
}

extension CoreModule {
    /// The first import or export that is a tag or has values of types that hosts do not know.
    ///
    /// It is told by its number: what its name says is nobody's but the module's.
    fileprivate var unknownItem: String? {
        for (index, item) in imports.enumerated() {
            let types = valueTypes(of: item)
            if let words = Self.unknown(item.kind, types) { return "import \(index) is \(words)" }
        }
        for (index, item) in exports.enumerated() {
            let types = valueTypes(of: item)
            if let words = Self.unknown(item.kind, types) { return "export \(index) is \(words)" }
        }
        return nil
    }

    private static func unknown(_ kind: Kind, _ types: [ValueType]) -> String? {
        if kind == .tag { return "a tag of exceptions" }
        return types.first { !$0.isKnownToHosts }.map { "a \(kind) of the type \($0)" }
    }
}
