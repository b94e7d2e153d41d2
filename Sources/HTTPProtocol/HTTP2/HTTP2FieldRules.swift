// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// What every field of a request must keep to, in its head and in its trailers (RFC 9113 §8.2).
enum HTTP2FieldRules {
    /// The most of a name that is told to the log, in bytes.
    private static let longestName = 64

    /// What is wrong with a field that is no pseudo-header field; nil if nothing is.
    static func fault(name: Span<UInt8>, value: Span<UInt8>) -> MalformedRequest? {
        guard isName(name) else { return .fieldName(text(name)) }
        guard isValue(value) else { return .fieldValue(text(name)) }
        return isAllowed(name, value) ? nil : .forbiddenField(text(name))
    }

    /// A name as text, as far as it is told.
    static func text(_ name: Span<UInt8>) -> String { String(text: name.extracting(first: longestName)) }

    /// Whether a name is a token without capital letters (RFC 9113 §8.2.1).
    private static func isName(_ name: Span<UInt8>) -> Bool {
        for index in name.indices where !name[index].isLowercaseTokenCharacter { return false }
        return !name.isEmpty
    }

    /// Whether a value has neither control characters nor white space around it (RFC 9113 §8.2.1).
    static func isValue(_ value: Span<UInt8>) -> Bool {
        guard !value.isEmpty else { return true }
        guard !value[0].isWhiteSpace, !value[value.count - 1].isWhiteSpace else { return false }
        return value.firstControlCharacter(from: 0) == value.count
    }

    /// Whether a field is none of those that are for connections of HTTP/1.1 (RFC 9113 §8.2.2).
    private static func isAllowed(_ name: Span<UInt8>, _ value: Span<UInt8>) -> Bool {
        switch name.count {
        case 2: !name.isEqual(to: "te") || value.isEqual(to: "trailers")
        case 7: !name.isEqual(to: "upgrade")
        case 10: !name.isEqual(to: "connection") && !name.isEqual(to: "keep-alive")
        case 16: !name.isEqual(to: "proxy-connection")
        case 17: !name.isEqual(to: "transfer-encoding")
        default: true
        }
    }
}

extension UInt8 {
    /// Which characters of ASCII may stand in a token, but for capital letters: a bit for each, of the lower and the upper half.
    private static let lowercaseTokenBits: (UInt64, UInt64) = (0x03ff_6cfa_0000_0000, 0x57ff_ffff_c000_0000)

    /// Whether the byte may stand in a token without capital letters (RFC 9110 §5.6.2).
    fileprivate var isLowercaseTokenCharacter: Bool {
        switch self {
        case 0..<64: Self.lowercaseTokenBits.0 >> UInt64(self) & 1 != 0
        case 64..<128: Self.lowercaseTokenBits.1 >> UInt64(self - 64) & 1 != 0
        default: false
        }
    }
}
