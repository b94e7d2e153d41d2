// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import WasmBinary

/// What custom sections say that concern hosts.
package struct CustomSections: Hashable, Sendable {
    /// The most names that are kept.
    private static let mostNames = 8
    /// What V8 takes for native code (`bytecode_util.cc`).
    private static let nativeCode = Array("precompiled_".utf8)
    /// What DWARF's sections are called.
    private static let debugging = Array(".debug_".utf8)
    /// What the section is called that has the names of functions.
    private static let names = Array("name".utf8)

    /// The places of the names of the first that have native code, in bytes from the start of the binary.
    private(set) var nativeCode: [Int] = []
    /// How many bytes those for debuggers have.
    package private(set) var debuggingSize = 0
    /// Why hosts cannot read the names of functions; nil if they can.
    private(set) var namesFault: FunctionNames.Fault?
    private var hasNames = false

    mutating func add(_ section: Section, of bytes: Span<UInt8>) {
        guard let name = section.name else { return }
        if bytes.extracting(name).starts(with: Self.debugging) { debuggingSize += section.content.count }
        if nativeCode.count < Self.mostNames, bytes.extracting(name).contains(Self.nativeCode) {
            nativeCode.append(name.lowerBound)
        }
        if !hasNames, name.count == Self.names.count, bytes.extracting(name).starts(with: Self.names) {
            hasNames = true
            namesFault = FunctionNames.fault(in: name.upperBound..<section.content.upperBound, of: bytes)
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
