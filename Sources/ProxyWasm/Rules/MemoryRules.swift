// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import WasmBinary

/// Refuses a module that needs more memory than hosts give it (`limits.h` of proxy-wasm-cpp-host).
struct MemoryRule: AdmissionRule {
    let identifier = "memory"
    let demand = "A plugin's memories begin with at most 1 GiB each."

    func objections(to facts: ModuleFacts, for host: HostProfile) -> [Objection] {
        guard let pages = facts.memories.largestMinimum, pages > HostProfile.memoryPages else { return [] }
        return [
            Objection(
                identifier,
                .refuses,
                "begins with a memory of \(pages) pages of 64 KiB, and hosts give it \(HostProfile.memoryPages) (1 GiB)",
                remedy: "build it with a memory that begins with at most 1 GiB"
            )
        ]
    }
}

/// Refuses a module whose calls end its host: a host reads and writes the memory that a plugin exports or imports, whatever its name is,
/// and does not look whether there is one (`getMemory` in `v8.cc` of proxy-wasm-cpp-host).
struct MemoryExportRule: AdmissionRule {
    let identifier = "memory-export"
    let demand = "A plugin that imports functions exports its memory, or imports one."

    func objections(to facts: ModuleFacts, for host: HostProfile) -> [Objection] {
        guard facts.memories.importsFunctions, !facts.memories.isReachedByHosts else { return [] }
        return [
            Objection(
                identifier,
                .refuses,
                "imports functions, and neither exports nor imports a memory: a call with a pointer ends every Envoy",
                remedy: "export its memory: leave out asc's --noExportMemory, and keep that export in tools that remove"
            )
        ]
    }
}

/// Refuses a module of which no instance can be made, as what it puts into a memory or table does not fit there (spec §4.7.2).
struct SegmentBoundsRule: AdmissionRule {
    let identifier = "segment-bounds"
    let demand = "A plugin's data and elements lie within its memories and tables, as these begin."

    func objections(to facts: ModuleFacts, for host: HostProfile) -> [Objection] {
        guard let segment = facts.memories.misplacedSegment else { return [] }
        let (item, place) = segment.kind == .data ? ("byte", "memory") : ("element", "table")
        let items = segment.count == 1 ? item : "\(item)s"
        return [
            Objection(
                identifier,
                .refuses,
                "puts \(segment.count) \(items) at \(segment.start) of a \(place) that begins with \(segment.room)",
                remedy: "let that \(place) begin with more, or put less into it: what its linker lays out fits",
                at: segment.offset
            )
        ]
    }
}

/// Refuses a module with a table that hosts cannot give or take.
struct TableRule: AdmissionRule {
    let identifier = "table"
    let demand =
        "A table that a plugin exports has at most 2,147,483,647 elements; one that it imports, 10,000,000, which may be null; all begin with 60,000,000 at most."

    func objections(to facts: ModuleFacts, for host: HostProfile) -> [Objection] {
        var objections: [Objection] = []
        if facts.memories.tableElementCount > Self.mostElements {
            let reason =
                "ends every Envoy that loads it: its tables begin with \(facts.memories.tableElementCount) elements together, "
                + "and V8 has no memory for more than some \(Self.mostElements)"
            objections.append(Objection(identifier, .refuses, reason, remedy: "build it with smaller tables"))
        }
        if let table = facts.memories.unfitTable {
            let remedy = "keep the table inside, or declare that it has fewer elements: no host uses it"
            objections.append(Objection(identifier, .refuses, table.words, remedy: remedy, at: table.offset))
        }
        return objections
    }

    /// On a machine of 24 GB Envoy 1.36.2 and 1.40.0 load a module with 60 million elements, and end with 70 million (V8: out of memory).
    private static let mostElements: UInt64 = 60_000_000
}

/// Refuses a module that takes memories or tables which hosts do not have.
///
/// They make one memory and one table for a module that imports them, of 32 bits and not shared (`link` in `v8.cc` of
/// proxy-wasm-cpp-host). A second one is not loaded, and now and then ends Envoy.
struct ImportedMemoryRule: AdmissionRule {
    let identifier = "imported-memory"
    let demand = "A plugin imports at most one memory and one table, neither of 64 bits nor shared."

    func objections(to facts: ModuleFacts, for host: HostProfile) -> [Objection] {
        let memories = facts.memories
        var reasons: [(words: String, offset: Int?)] = []
        if memories.importedCount > 1 {
            reasons.append(("imports \(memories.importedCount) memories, and hosts give it one", nil))
        }
        if memories.importedTableCount > 1 {
            reasons.append(("imports \(memories.importedTableCount) tables, and hosts give it one", nil))
        }
        if let offset = memories.wideOrSharedImport {
            reasons.append(("imports a memory or table of 64 bits, or a shared memory, which no host has", offset))
        }
        return reasons.map { reason in
            let remedy = "build it with memories and tables of its own"
            return Objection(identifier, .refuses, reason.words, remedy: remedy, at: reason.offset)
        }
    }
}
