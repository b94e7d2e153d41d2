// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import WasmBinary

/// What custom sections say that concern hosts.
package struct CustomSections: Hashable, Sendable {
    /// The most places that are kept.
    private static let mostOffsets = 8
    /// What the names of sections with native code begin with (`precompiled_wee8_v…`, `v8.cc`).
    private static let nativeCodePrefix = Array("precompiled_".utf8)
    /// What tools say of themselves in.
    private static let producers = Array("producers".utf8)
    /// What DWARF's sections are called.
    private static let debugging = Array(".debug_".utf8)
    /// What the section is called that has the names of functions.
    private static let names = Array("name".utf8)

    /// Where the names of the first are that have native code, in bytes from the start of the binary.
    private(set) var nativeCodeOffsets: [Int] = []
    /// How many have native code.
    private(set) var nativeCodeCount = 0
    /// The language that the module says to be written in, with its version where it has one.
    package private(set) var language: String?
    /// What it says to be compiled by, with its version where it has one.
    package private(set) var toolchain: String?
    /// How many bytes those for debuggers have.
    package private(set) var debuggingSize = 0
    /// Why hosts cannot read the names of functions; nil if they can.
    private(set) var namesFault: FunctionNames.Fault?
    private var hasNames = false

    mutating func add(_ section: Section, of bytes: Span<UInt8>) {
        guard let name = section.name else { return }
        if bytes.extracting(name).isEqual(to: Self.producers) { add(ProducersSection(section, of: bytes), bytes) }
        if bytes.extracting(name).starts(with: Self.debugging) { debuggingSize += section.content.count }
        if bytes.extracting(name).starts(with: Self.nativeCodePrefix) {
            nativeCodeCount += 1
            if nativeCodeOffsets.count < Self.mostOffsets { nativeCodeOffsets.append(name.lowerBound) }
        }
        if !hasNames, name.count == Self.names.count, bytes.extracting(name).starts(with: Self.names) {
            hasNames = true
            namesFault = FunctionNames.fault(in: name.upperBound..<section.content.upperBound, of: bytes)
        }
    }

    /// The first of each counts (tool-conventions, ProducersSection.md).
    private mutating func add(_ producers: ProducersSection, _ bytes: Span<UInt8>) {
        for entry in producers.entries {
            let version = PluginName(entry.version, of: bytes).description
            let text = [PluginName(entry.name, of: bytes).description, version].filter { !$0.isEmpty }.joined(
                separator: " "
            )
            switch PluginName(entry.field, of: bytes).text {
            case "language": language = language ?? text
            case "processed-by": toolchain = toolchain ?? text
            default: break
            }
        }
    }
}

extension Span<UInt8> {
    fileprivate func isEqual(to bytes: [UInt8]) -> Bool { count == bytes.count && starts(with: bytes) }

    fileprivate func starts(with bytes: [UInt8]) -> Bool {
        count >= bytes.count && bytes.indices.allSatisfy { self[$0] == bytes[$0] }
    }
}
