// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import WasmBinary

/// Where the parts of a module are.
struct ModuleAnatomy {
    /// The most names of custom sections that are told apart: three bytes can be a section.
    private static let mostNames = 1000
    /// The most bytes of a name that is told.
    private static let longestName = 200

    private(set) var module: CoreModule
    private(set) var sections: [SectionSize] = []
    private(set) var bodies: [Range<Int>] = []
    private(set) var segments: [Range<Int>] = []
    /// Where the names of exported functions are, by the functions' indices; of several the first.
    private(set) var exportedNames: [Int: Range<Int>] = [:]
    private(set) var names: NameSection?
    private(set) var producers: ProducersSection?
    private(set) var targetFeatures: TargetFeaturesSection?
    private(set) var importedFunctionCount = 0
    private(set) var remarks: [String] = []

    /// Takes a module apart; fails if it is no valid one.
    init(of bytes: Span<UInt8>) throws(WasmBinaryError) {
        module = try CoreModule(decoding: bytes)
        importedFunctionCount = module.imports.reduce(0) { $0 + ($1.kind == .function ? 1 : 0) }
        var places: [String: Int] = [:]
        // The magic number and the version.
        var end = 8
        var others: [Section] = []
        try SectionWalk.walk(over: bytes) { section throws(WasmBinaryError) in
            add(section, taking: section.content.upperBound - end, bytes, &places)
            end = section.content.upperBound
            switch section.kind {
            case .export:
                try section.forEachExportedFunction(of: bytes) { index, name in
                    if exportedNames[index] == nil { exportedNames[index] = name }
                }
            case .code: try section.forEachBody(of: bytes) { bodies.append($0) }
            case .data: try section.forEachDataSegment(of: bytes) { segments.append($0) }
            case .custom where others.count < 3 && isKnown(section, bytes): others.append(section)
            default: break
            }
        }
        for section in others { read(section, bytes) }
    }

    private mutating func add(
        _ section: Section,
        taking size: Int,
        _ bytes: Span<UInt8>,
        _ places: inout [String: Int]
    ) {
        var name = section.name.map { bytes.text($0, most: Self.longestName) } ?? "\(section.kind)"
        var key = section.kind == .custom ? "\"\(name)" : name
        if places[key] == nil, places.count >= Self.mostNames {
            name = "other custom sections"
            key = name
        }
        if let place = places[key] {
            sections[place].size += size
            sections[place].count += 1
        } else {
            places[key] = sections.count
            sections.append(SectionSize(kind: section.kind, name: name, size: size, count: 1))
        }
    }

    // MARK: - Custom sections

    private static let known: Set<String> = ["name", "producers", "target_features"]

    private func isKnown(_ section: Section, _ bytes: Span<UInt8>) -> Bool {
        section.name.map { Self.known.contains(bytes.text($0, most: Self.longestName)) } ?? false
    }

    private mutating func read(_ section: Section, _ bytes: Span<UInt8>) {
        var fault: WasmBinaryError?
        let name = section.name.map { bytes.text($0, most: Self.longestName) } ?? ""
        switch name {
        case "name":
            let count = importedFunctionCount + bodies.count
            let read = NameSection(section, of: bytes, functionCount: count, dataSegmentCount: segments.count)
            (names, fault) = (read, read.fault)
        case "producers":
            let read = ProducersSection(section, of: bytes)
            (producers, fault) = (read, read.fault)
        default:
            let read = TargetFeaturesSection(section, of: bytes)
            (targetFeatures, fault) = (read, read.fault)
        }
        guard let fault else { return }
        // Hosts read the names of functions, too, and refuse a module whose names they cannot read (`bytecode_util.cc`).
        let consequence = name == "name" ? ", and hosts may refuse the module" : ""
        remarks.append("The section \"\(name)\" is damaged: \(fault). What stands before that is told\(consequence).")
    }
}

extension Span<UInt8> {
    /// The text at a place, of a long one its beginning; what is not UTF-8 is replaced.
    func text(_ range: Range<Int>, most: Int) -> String {
        let text = String(decoding: range.prefix(most).map { self[$0] }, as: UTF8.self)
        return range.count > most ? text + "…" : text
    }
}
