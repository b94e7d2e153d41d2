// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What a function belongs to, by its name: a crate of Rust's, a namespace of C++'s, a file of AssemblyScript's.
enum NameOwner {
    /// What stands before the name of something that a C++ compiler made by itself.
    private static let prefixes = [
        "non-virtual thunk to ", "virtual thunk to ", "covariant return thunk to ", "guard variable for ",
        "vtable for ", "typeinfo for ", "typeinfo name for ", "thread-local wrapper routine for ",
    ]

    /// The owner of a function; nil if its name does not tell.
    static func of(_ name: String) -> String? {
        let bytes = Array(name.utf8)
        if let file = file(of: name, bytes) { return file }
        let prefix = prefixes.first { name.hasPrefix($0) }?.utf8.count ?? 0
        let path = qualifiedName(in: bytes[prefix...])
        if path.starts(with: "(anonymous namespace)::".utf8) { return "(anonymous namespace)" }
        return firstQualifier(in: path).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The beginning of a path, as AssemblyScript writes names: `~lib/rt/itcms/visit`, `assembly/index/start`.
    private static func file(of name: String, _ bytes: [UInt8]) -> String? {
        guard bytes.contains(UInt8(ascii: "/")), firstQualifier(in: bytes[...]) == nil else { return nil }
        let parts = name.split(separator: "/")
        let count = parts.count > 1 && parts[1].hasPrefix("@") ? 3 : 2
        let file = parts.dropLast().prefix(count)
        return file.isEmpty ? nil : file.joined(separator: "/")
    }

    /// The name of a function, without what it gives back (of a template's) and what it takes.
    ///
    /// A name of Rust's has neither, and may have blanks in brackets only: `<A as B>::c`.
    private static func qualifiedName(in bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var (depth, start) = (0, bytes.startIndex)
        for index in bytes.indices {
            switch bytes[index] {
            case UInt8(ascii: "<"), UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: ">") where index > bytes.startIndex && bytes[index - 1] == UInt8(ascii: "-"): break
            case UInt8(ascii: ">"), UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            case UInt8(ascii: " ") where depth == 0:
                if bytes[start..<index].hasSuffix("operator") { return bytes[start..<index] }
                start = index + 1
            case UInt8(ascii: "(") where depth == 0 && index > start:
                if !bytes[start..<index].hasSuffix("operator") { return bytes[start..<index] }
                depth += 1
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")"): depth -= 1
            default: break
            }
        }
        return depth == 0 && start > bytes.startIndex ? bytes[start...] : bytes
    }

    /// The first identifier that `::` follows; of what begins with an identifier, that one or none.
    private static func firstQualifier(in bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        var start = bytes.startIndex
        let isPath = bytes.first.map(isInIdentifier) ?? false
        for index in bytes.indices {
            if isInIdentifier(bytes[index]) { continue }
            if index > start, bytes[index...].starts(with: "::".utf8) { return bytes[start..<index] }
            if isPath { return nil }
            start = index + 1
        }
        return nil
    }

    private static func isInIdentifier(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...0xff:
            true
        default: false
        }
    }
}

extension ArraySlice<UInt8> {
    fileprivate func hasSuffix(_ suffix: String) -> Bool { self.suffix(suffix.utf8.count).elementsEqual(suffix.utf8) }
}
