// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ModuleInspection

/// What `inspect` prints of two modules for scripts (`docs/schemas/inspect.schema.json`): names of members do not change.
struct ComparisonDocument: Encodable {
    struct Side: Encodable {
        let file: String
        let sha256: String
        let size: Int
    }

    struct Change: Encodable {
        let name: String?
        let old: Int?
        let new: Int?
        let growth: Int
    }

    /// How many things differ, and those that differ most.
    struct Changes: Encodable {
        let count: Int
        let largest: [Change]
    }

    struct Names: Encodable {
        let gained: [String]
        let lost: [String]
    }

    struct Fact: Encodable {
        let subject: String
        let old: String
        let new: String
    }

    let old: Side
    let new: Side
    let growth: Int
    let isSame: Bool
    let facts: [Fact]
    let imports: Names
    let exports: Names
    let sections: Changes
    let owners: Changes
    let functions: Changes

    /// The document of two files.
    init(from old: InspectedFile, to new: InspectedFile, top: Int) {
        let comparison = ModuleComparison(from: old.inspection, to: new.inspection)
        self.old = Side(old)
        self.new = Side(new)
        growth = comparison.size.growth
        isSame = old.digest == new.digest
        facts = comparison.facts.map { Fact(subject: $0.subject, old: $0.old, new: $0.new) }
        imports = Names(gained: comparison.imports.gained, lost: comparison.imports.lost)
        exports = Names(gained: comparison.exports.gained, lost: comparison.exports.lost)
        sections = Changes(comparison.sections, top: top)
        owners = Changes(comparison.owners, top: top)
        functions = Changes(comparison.functions, top: top)
    }

    /// The document, without a line feed at its end.
    var json: String { JSONDocument.text(of: self) }
}

extension ComparisonDocument.Side {
    fileprivate init(_ file: InspectedFile) {
        (self.file, sha256, size) = (file.name, "\(file.digest)", file.inspection.size)
    }
}

extension ComparisonDocument.Changes {
    fileprivate init(_ changes: [ModuleComparison.Change], top: Int) {
        count = changes.count
        largest = changes.prefix(top).map {
            ComparisonDocument.Change(name: $0.name, old: $0.old, new: $0.new, growth: $0.growth)
        }
    }
}
