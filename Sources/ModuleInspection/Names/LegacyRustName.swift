// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// The names that Rust's compiler gave to functions before RFC 2603, in the shape of a C++ name.
///
///     name ::= "_ZN" {length identifier} "17h" 16 * hex-digit "E" suffix?
///
/// The hash at the end is left out. What an identifier cannot have is escaped in it: `$LT$` is `<`, `..` is `::`.
enum LegacyRustName {
    /// Demangles a name; nil if it is none of these.
    static func demangled(_ bytes: [UInt8]) -> String? {
        guard bytes.starts(with: "_ZN".utf8), bytes.count <= DemangledText.mostBytes else { return nil }
        var rest = bytes.dropFirst(3)
        var elements: [ArraySlice<UInt8>] = []
        while let first = rest.first, first != UInt8(ascii: "E") {
            guard let element = element(&rest) else { return nil }
            elements.append(element)
        }
        guard rest.popFirst() != nil, rest.isEmpty || rest.first == UInt8(ascii: "."), elements.count > 1,
            let hash = elements.popLast(), isHash(hash)
        else { return nil }
        let text = elements.map(unescaped).joined(separator: Array("::".utf8))
        return String(decoding: Array(text), as: UTF8.self)
    }

    private static func element(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.prefix(5)
        guard let count = Int(String(decoding: digits, as: UTF8.self)), count > 0, count <= rest.count - digits.count
        else { return nil }
        let element = rest.dropFirst(digits.count).prefix(count)
        rest = rest.dropFirst(digits.count + count)
        return element
    }

    private static func isHash(_ element: ArraySlice<UInt8>) -> Bool {
        element.count == 17 && element.first == UInt8(ascii: "h")
            && element.dropFirst().allSatisfy { hexadecimalDigits.contains($0) }
    }

    private static let hexadecimalDigits = Set("0123456789abcdef".utf8)

    private static func unescaped(_ element: ArraySlice<UInt8>) -> [UInt8] {
        // What would begin with an escape has an underscore before it.
        var rest = element.starts(with: "_$".utf8) ? element.dropFirst() : element
        var text: [UInt8] = []
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: ".") where rest.first == UInt8(ascii: "."):
                rest.removeFirst()
                text += "::".utf8
            case UInt8(ascii: "$"):
                guard let end = rest.prefix(9).firstIndex(of: UInt8(ascii: "$")),
                    let meaning = meaning(of: rest[..<end])
                else {
                    text.append(byte)
                    continue
                }
                text += meaning
                rest = rest[(end + 1)...]
            default: text.append(byte)
            }
        }
        return text
    }

    private static func meaning(of escape: ArraySlice<UInt8>) -> [UInt8]? {
        let escape = String(decoding: escape, as: UTF8.self)
        if let known = escapes[escape] { return Array(known.utf8) }
        guard escape.first == "u", let value = UInt32(escape.dropFirst(), radix: 16), let scalar = Unicode.Scalar(value)
        else { return nil }
        return Array(String(Character(scalar)).utf8)
    }

    private static let escapes = [
        "SP": "@", "BP": "*", "RF": "&", "LT": "<", "GT": ">", "LP": "(", "RP": ")", "C": ",",
    ]
}
