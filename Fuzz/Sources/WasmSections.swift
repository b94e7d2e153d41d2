// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ModuleInspection
internal import WasmBinary

extension FuzzTarget {
    /// A module's bytes: its sections, and what is in them.
    static let wasmSections = FuzzTarget("wasm-sections") { (bytes: [UInt8]) in
        requireSections(of: bytes)
        do throws(WasmBinaryError) {
            _ = try CoreModule(decoding: bytes.span)
            requireAccount(of: bytes)
            require(Diagnosis(of: bytes.span) == nil, "a module is told to be one")
            require((try? sections(of: bytes.span)) != nil, "a module has sections that can be walked")
        } catch {
            require((0...bytes.count).contains(error.offset), "byte \(error.offset) of \(bytes.count)")
            require(!error.message.contains("\n"), "a reason is one line")
            let diagnosis = Diagnosis(of: bytes.span)
            require(diagnosis != nil, "what is no module is told so")
            require(diagnosis?.reason.contains("\n") == false, "a diagnosis is one line")
        }
    }

    private static func requireSections(of bytes: [UInt8]) {
        guard let whole = try? sections(of: bytes.span) else { return }
        requireOrder(whole, in: bytes)
        for cut in 0..<bytes.count {
            guard let part = try? sections(of: bytes.span.extracting(..<cut)) else { continue }
            require(whole.starts(with: part), "the beginning of a module is what it was within the whole")
            require(part.count < whole.count, "a shorter module has fewer sections")
        }
    }

    /// Whatever is valid can be told of, and its parts add up.
    private static func requireAccount(of bytes: [UInt8]) {
        guard let module = try? ModuleInspection(of: bytes.span) else {
            return require(false, "a module has an account")
        }
        require(module.sections.reduce(8) { $0 + $1.size } == bytes.count, "sections add up to the module")
        require(
            module.owners.reduce(0) { $0 + $1.size } == module.functions.reduce(0) { $0 + $1.size },
            "owners add up"
        )
        require(ModuleComparison(from: module, to: module).functions.isEmpty, "a module is what it is")
    }

    private static func sections(of bytes: Span<UInt8>) throws(WasmBinaryError) -> [Section] {
        var sections: [Section] = []
        try SectionWalk.walk(over: bytes) { sections.append($0) }
        return sections
    }

    /// What a walk must cover: every byte once, in order, and no kind of section twice (spec §5.5.16).
    private static func requireOrder(_ sections: [Section], in bytes: [UInt8]) {
        var end = 8
        var kinds: Set<Section.Kind> = []
        for section in sections {
            let header = section.content.lowerBound - end
            require((2...6).contains(header), "an id and a size take 2 to 6 bytes, not \(header)")
            require(bytes[end] == section.kind.rawValue, "a section begins where the last one ends")
            require((section.name != nil) == (section.kind == .custom), "custom sections have names, and no others")
            require(section.name.map { section.content.contains($0) } ?? true, "a name lies within its section")
            require(section.kind == .custom || kinds.insert(section.kind).inserted, "\(section.kind) comes once")
            end = section.content.upperBound
        }
        require(end == bytes.count, "the last section ends with the module")
    }
}
