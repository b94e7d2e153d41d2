// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Which tools made a module: the custom section `producers` (tool-conventions, ProducersSection.md).
///
///     producers ::= list(field)        field ::= name list(value)        value ::= name name (its version)
package struct ProducersSection: Sendable {
    /// One tool, language or library.
    package struct Entry: Sendable {
        /// The field: `language`, `processed-by` or `sdk`.
        package let field: Range<Int>
        /// Its name.
        package let name: Range<Int>
        /// Its version; empty if there is none.
        package let version: Range<Int>
    }

    /// What is read at most; a module of a real toolchain has four or so.
    private static let mostEntries = 100

    /// What is said, in its order.
    package private(set) var entries: [Entry] = []
    /// Why the rest of the section could not be read; what stands before it counts.
    package private(set) var fault: WasmBinaryError?

    /// Reads a section as far as that can be done.
    package init(_ section: Section, of bytes: Span<UInt8>) {
        do throws(WasmBinaryError) {
            try read(bytes, section.customContent)
        } catch {
            fault = error
        }
    }

    private mutating func read(_ bytes: Span<UInt8>, _ content: Cursor) throws(WasmBinaryError) {
        var cursor = content
        let fields = try cursor.unsigned32(of: bytes, "the number of fields")
        for _ in 0..<fields {
            let field = try cursor.name(of: bytes, "the name of a field")
            let values = try cursor.unsigned32(of: bytes, "the number of tools")
            for _ in 0..<values {
                guard entries.count < Self.mostEntries else {
                    throw .tooManyEntries("tools", limit: Self.mostEntries, at: cursor.offset)
                }
                let name = try cursor.name(of: bytes, "the name of a tool")
                let version = try cursor.name(of: bytes, "the version of a tool")
                entries.append(Entry(field: field, name: name, version: version))
            }
        }
    }
}

/// What a linker notes of the features that it was told to use: the custom section `target_features` (tool-conventions, Linking.md).
///
///     target_features ::= list(feature)        feature ::= prefix:byte name
package struct TargetFeaturesSection: Sendable {
    /// What is read at most.
    private static let mostFeatures = 100
    /// The feature is used (`+`); others say that it must not be.
    private static let used: UInt8 = 0x2b

    /// The names of the features that are used.
    package private(set) var used: [Range<Int>] = []
    /// Why the rest of the section could not be read; what stands before it counts.
    package private(set) var fault: WasmBinaryError?

    /// Reads a section as far as that can be done.
    package init(_ section: Section, of bytes: Span<UInt8>) {
        do throws(WasmBinaryError) {
            try read(bytes, section.customContent)
        } catch {
            fault = error
        }
    }

    private mutating func read(_ bytes: Span<UInt8>, _ content: Cursor) throws(WasmBinaryError) {
        var cursor = content
        let count = try cursor.unsigned32(of: bytes, "the number of features")
        for _ in 0..<count {
            guard used.count < Self.mostFeatures else {
                throw .tooManyEntries("features", limit: Self.mostFeatures, at: cursor.offset)
            }
            let prefix = try cursor.byte(of: bytes, "the prefix of a feature")
            let name = try cursor.name(of: bytes, "the name of a feature")
            if prefix == Self.used { used.append(name) }
        }
    }
}

extension Section {
    /// What follows the name of a custom section.
    var customContent: Cursor {
        Cursor(offset: name?.upperBound ?? content.upperBound, end: content.upperBound)
    }
}

extension WasmBinaryError {
    fileprivate static func tooManyEntries(_ what: String, limit: Int, at offset: Int) -> WasmBinaryError {
        WasmBinaryError(code: .tooLarge, message: "it names more than \(limit) \(what)", offset: offset)
    }
}
