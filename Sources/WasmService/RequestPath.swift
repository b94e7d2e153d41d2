// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// A request's path, decoded for one purpose: to be looked up in a table.
///
/// Nothing is normalised. `//`, `.` and `..` are names like any other, which no table has.
enum RequestPath: Equatable {
    /// The path with its percent-encoding undone.
    case name(String)
    /// Not a path that could name anything, and why.
    case malformed(reason: String)

    /// Decodes a path (RFC 3986 §2.1).
    init(decoding path: String) {
        guard path.utf8.first == UInt8(ascii: "/") else {
            self = .malformed(reason: "a path begins with a slash")
            return
        }
        guard Self.hasPercentSign(path) else {
            self = .name(path)
            return
        }
        var decoded: [UInt8] = []
        var rest = path.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                decoded.append(byte)
                continue
            }
            guard let value = Self.byte(of: rest.prefix(2)) else {
                self = .malformed(reason: "a percent sign is followed by two hexadecimal digits")
                return
            }
            guard value >= 0x20, value != 0x7f, value != UInt8(ascii: "/") else {
                self = .malformed(reason: "slashes and control characters may not be percent-encoded here")
                return
            }
            rest = rest.dropFirst(2)
            decoded.append(value)
        }
        guard let name = String(validating: decoded, as: UTF8.self) else {
            self = .malformed(reason: "a path is UTF-8")
            return
        }
        self = .name(name)
    }

    private static func hasPercentSign(_ path: String) -> Bool {
        let percentSign = UInt8(ascii: "%")
        let isFound = unsafe path.utf8.withContiguousStorageIfAvailable { bytes in
            unsafe bytes.span.firstIndex(of: percentSign, in: 0..<bytes.count) != nil
        }
        return isFound ?? path.utf8.contains(percentSign)
    }

    private static func byte(of digits: Substring.UTF8View) -> UInt8? {
        guard digits.count == 2, let text = String(digits), !text.hasPrefix("+"), !text.hasPrefix("-") else {
            return nil
        }
        return UInt8(text, radix: 16)
    }
}
