// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What a module calls itself, its functions and its data: the custom section `name` (spec, appendix 7.4.1).
///
///     namedata ::= modulenamesubsec? funcnamesubsec? …        subsection_N(B) ::= N:byte size:u32 B
///     modulename ::= name        funcnames, datanames ::= list(idx name)
///
/// It is there for people, so what is wrong with it is told and ends nothing; whether a host minds is not judged here. Names stay in
/// the binary; they need not be UTF-8.
package struct NameSection: Sendable {
    /// The subsections that are read, by their ids; data segments are those of the extended name section.
    private enum Subsection {
        static let module: UInt8 = 0
        static let functions: UInt8 = 1
        static let dataSegments: UInt8 = 9
    }

    /// Where the module's own name is.
    package private(set) var module: Range<Int>?
    /// Why the rest of the section could not be read; what stands before it counts.
    package private(set) var fault: WasmBinaryError?
    private var functions: ContiguousArray<CoreModule.Name> = []
    private var dataSegments: ContiguousArray<CoreModule.Name> = []
    private let functionCount: Int
    private let dataSegmentCount: Int

    /// Reads a section as far as that can be done.
    ///
    /// - Parameters:
    ///   - section: The custom section.
    ///   - bytes: The whole binary.
    ///   - functionCount: How many functions there are, imported ones too; names of others are passed over.
    ///   - dataSegmentCount: How many data segments there are; names of others are passed over.
    package init(_ section: Section, of bytes: Span<UInt8>, functionCount: Int, dataSegmentCount: Int) {
        (self.functionCount, self.dataSegmentCount) = (functionCount, dataSegmentCount)
        var cursor = section.customContent
        do throws(WasmBinaryError) {
            while cursor.remaining > 0 { try readSubsection(bytes, &cursor) }
        } catch {
            fault = error
        }
    }

    /// Where the name of a function is; nil if it has none.
    package func function(_ index: Int) -> Range<Int>? { Self.name(index, in: functions) }

    /// Where the name of a data segment is; nil if it has none.
    package func dataSegment(_ index: Int) -> Range<Int>? { Self.name(index, in: dataSegments) }

    private static func name(_ index: Int, in names: ContiguousArray<CoreModule.Name>) -> Range<Int>? {
        guard index < names.count, names[index].count > 0 else { return nil }
        return names[index].range
    }

    private mutating func readSubsection(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) {
        let id = try cursor.byte(of: bytes, "the id of a subsection")
        let size = try cursor.unsigned32(of: bytes, "the size of a subsection")
        var content = try cursor.split(size, "a subsection of names")
        switch id {
        case Subsection.module: module = try Self.place(bytes, &content).range
        case Subsection.functions: try Self.readNames(bytes, &content, into: &functions, count: functionCount)
        case Subsection.dataSegments: try Self.readNames(bytes, &content, into: &dataSegments, count: dataSegmentCount)
        default: break
        }
    }

    private static func readNames(
        _ bytes: Span<UInt8>,
        _ cursor: inout Cursor,
        into names: inout ContiguousArray<CoreModule.Name>,
        count: Int
    ) throws(WasmBinaryError) {
        if names.isEmpty { names = ContiguousArray(repeating: .init(offset: 0, count: 0), count: count) }
        let given = try cursor.unsigned32(of: bytes, "the number of names")
        for _ in 0..<given {
            let index = try cursor.unsigned32(of: bytes, "the index of a name")
            let name = try place(bytes, &cursor)
            if index < count { names[index] = name }
        }
    }

    private static func place(_ bytes: Span<UInt8>, _ cursor: inout Cursor) throws(WasmBinaryError) -> CoreModule.Name {
        let length = try cursor.unsigned32(of: bytes, "the length of a name")
        let content = try cursor.split(length, "a name")
        return .init(offset: UInt32(truncatingIfNeeded: content.offset), count: UInt32(truncatingIfNeeded: length))
    }
}
