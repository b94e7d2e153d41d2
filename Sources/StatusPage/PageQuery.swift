// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// What a URL says of how a view is to be shown: a path, and parameters as forms send them
/// (<https://url.spec.whatwg.org/#concept-urlencoded-parser>).
package struct PageQuery: Sendable {
    private struct Parameter {
        let name: String
        let value: String
    }

    /// The view's path.
    let path: String
    private var parameters: [Parameter]

    /// The most parameters that are looked at.
    private static let mostParameters = 16
    /// The most bytes of a parameter that are looked at: the longest path of a module.
    private static let longest = 1024

    /// A view at a path with a query; nil for none.
    package init(path: String, query: String?) {
        self.path = path
        parameters = (query ?? "").utf8.split(separator: UInt8(ascii: "&")).prefix(Self.mostParameters).map { pair in
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return Parameter(name: Self.decoded(parts[0]), value: parts.count == 2 ? Self.decoded(parts[1]) : "")
        }
    }

    /// The value of a parameter; nil if it is missing or empty.
    package subscript(_ name: String) -> String? {
        parameters.first { $0.name == name && !$0.value.isEmpty }?.value
    }

    /// The number of a parameter; nil if it is none, or less than 1.
    func number(_ name: String) -> Int? { self[name].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } }

    /// A link to the same view, shown in another way.
    ///
    /// - Parameters:
    ///   - changes: The parameters that are other than now; nil for those that are to go.
    ///   - fragment: Where to go on the page; nil for its beginning.
    /// - Returns: A URL without scheme and host.
    func link(_ changes: KeyValuePairs<String, String?>, fragment: String? = nil) -> String {
        let changed = Set(changes.map(\.key))
        let kept = parameters.filter { !changed.contains($0.name) && !$0.value.isEmpty }
        let added = changes.compactMap { change in change.value.map { Parameter(name: change.key, value: $0) } }
        return Self.link(path, (kept + added).map { ($0.name, $0.value) }) + (fragment.map { "#\($0)" } ?? "")
    }

    /// A link to a view with parameters.
    static func link(_ path: String, _ parameters: [(name: String, value: String)]) -> String {
        guard !parameters.isEmpty else { return path }
        return "\(path)?" + parameters.map { "\(encoded($0.name))=\(encoded($0.value))" }.joined(separator: "&")
    }

    private static func decoded(_ text: Substring.UTF8View) -> String {
        var bytes: [UInt8] = []
        var rest = text.prefix(3 * longest)
        while let byte = rest.popFirst(), bytes.count < longest {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                if let value = Self.value(rest.prefix(2)) {
                    bytes.append(value)
                    rest = rest.dropFirst(2)
                } else {
                    bytes.append(byte)
                }
            default: bytes.append(byte)
            }
        }
        // A line of a form has no control characters.
        return String(decoding: bytes.filter { $0 >= 0x20 && $0 != 0x7f }, as: UTF8.self)
    }

    private static func value(_ digits: Substring.UTF8View) -> UInt8? {
        guard digits.count == 2, digits.allSatisfy(\.isHexadecimalDigit) else { return nil }
        return UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
    }

    private static func encoded(_ text: String) -> String {
        text.utf8.reduce(into: "") { encoded, byte in
            if byte.isAlphanumeric || "-._~".utf8.contains(byte) {
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += byte < 16 ? "%0\(digits)" : "%\(digits)"
            }
        }
    }
}
