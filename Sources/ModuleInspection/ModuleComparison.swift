// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import WasmBinary

/// What has changed from one build of a module to another.
package struct ModuleComparison: Sendable {
    /// Something that takes room in one of the modules or in both.
    package struct Change: Hashable, Sendable {
        /// What it is called; nil for all that has no name.
        package let name: String?
        /// In bytes; nil if it is not there.
        package internal(set) var old: Int?
        /// In bytes; nil if it is not there.
        package internal(set) var new: Int?

        /// By how many bytes it has grown.
        package var growth: Int { (new ?? 0) - (old ?? 0) }
    }

    /// Something that a module says of itself in words.
    package struct Fact: Hashable, Sendable {
        /// What it is about.
        package let subject: String
        /// What the older one says.
        package let old: String
        /// What the newer one says.
        package let new: String
    }

    /// What only one of the modules has.
    package struct Names: Hashable, Sendable {
        /// What the newer one has, and the older one has not.
        package let gained: [String]
        /// What the older one has, and the newer one has not.
        package let lost: [String]

        /// The differences between two lists.
        init(from old: [String], to new: [String]) {
            let (before, after) = (Set(old), Set(new))
            gained = new.filter { !before.contains($0) }
            lost = old.filter { !after.contains($0) }
        }
    }

    /// The sizes of both, in bytes.
    package let size: Change
    /// The sections that differ in size, those that changed most first.
    package let sections: [Change]
    /// The functions that differ in size, those that changed most first; those of one name are added up.
    package let functions: [Change]
    /// What the functions of a crate, package or namespace take, where it differs; what changed most first.
    package let owners: [Change]
    /// What they take from their hosts.
    package let imports: Names
    /// What their hosts may call or read.
    package let exports: Names
    /// What else differs.
    package let facts: [Fact]

    /// Compares two modules.
    package init(from old: ModuleInspection, to new: ModuleInspection) {
        size = Change(name: nil, old: old.size, new: new.size)
        sections = Self.changes(old.sections.map { ($0.label, $0.size) }, new.sections.map { ($0.label, $0.size) })
        functions = Self.changes(old.functions.map { ($0.name, $0.size) }, new.functions.map { ($0.name, $0.size) })
        owners = Self.changes(old.owners.map { ($0.name, $0.size) }, new.owners.map { ($0.name, $0.size) })
        imports = Names(from: old.imports, to: new.imports)
        exports = Names(from: old.exports, to: new.exports)
        facts = zip(old.facts, new.facts).compactMap { before, after in
            before.text == after.text ? nil : Fact(subject: before.subject, old: before.text, new: after.text)
        }
    }

    private static func changes(_ old: [(String?, Int)], _ new: [(String?, Int)]) -> [Change] {
        var changes: [String?: Change] = [:]
        for (name, size) in old {
            let before = changes[name, default: Change(name: name)]
            changes[name] = Change(name: name, old: (before.old ?? 0) + size)
        }
        for (name, size) in new {
            let before = changes[name, default: Change(name: name)]
            changes[name] = Change(name: name, old: before.old, new: (before.new ?? 0) + size)
        }
        return changes.values.filter { $0.old != $0.new }.sorted {
            (abs($1.growth), $0.name ?? "") < (abs($0.growth), $1.name ?? "")
        }
    }
}

extension ModuleInspection {
    /// Each import: the module that it is taken from, a dot, its name.
    fileprivate var imports: [String] { capabilities.flatMap(\.imports) }

    /// The name of each export, and its kind if it is no function.
    fileprivate var exports: [String] {
        abiVersions.map { "proxy_abi_version_\($0.split(separator: ".").joined(separator: "_"))" }
            + callbacks.map(\.name)
            + otherExports.map { $0.kind == "function" ? $0.name : "\($0.name) (\($0.kind))" }
    }

    /// What it says of itself, in words, always in one order.
    fileprivate var facts: [(subject: String, text: String)] {
        [
            ("ABI", abiVersions.isEmpty ? "none" : abiVersions.joined(separator: ", ")),
            ("made with", toolchain.text),
            ("memory", memories.map(\.text).joined(separator: "; ")),
            ("runs first", start ?? "nothing"),
            ("WebAssembly", features.isEmpty ? "1.0" : features.map(\.words).joined(separator: ", ")),
        ]
    }
}

extension SectionSize {
    /// The name, in quotes if the module has given it.
    package var label: String { kind == .custom ? "\"\(name)\"" : name }
}
