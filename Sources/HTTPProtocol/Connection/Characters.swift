// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

extension UInt8 {
    /// A space or a tab (RFC 9110 §5.6.3).
    var isWhiteSpace: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }

    /// Whether the byte may stand in a token (RFC 9110 §5.6.2).
    var isTokenCharacter: Bool { ASCIISet.token.contains(self) }
}

extension ASCIISet {
    /// What may stand in a token (RFC 9110 §5.6.2).
    static let token = ASCIISet(0x03ff_6cfa_0000_0000, 0x57ff_ffff_c7ff_fffe)
}

extension String {
    /// The text of bytes; what is not UTF-8 is replaced.
    init(text bytes: Span<UInt8>) {
        self = unsafe bytes.withUnsafeBufferPointer { bytes in unsafe String(decoding: bytes, as: UTF8.self) }
    }

    /// The text of bytes with ASCII letters in lowercase.
    init(lowercasing bytes: Span<UInt8>) {
        unsafe self.init(unsafeUninitializedCapacity: bytes.count) { target in
            for index in bytes.indices {
                let byte = bytes[index]
                let isUppercase = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                unsafe target[index] = isUppercase ? byte | 0x20 : byte
            }
            return bytes.count
        }
    }
}

extension Int {
    /// The number that decimal digits spell; nil for anything else, and beyond 18 digits.
    init?(digits bytes: Span<UInt8>) {
        guard (1...18).contains(bytes.count) else { return nil }
        var value = 0
        for index in bytes.indices {
            guard bytes[index].isDigit else { return nil }
            value = value * 10 + Int(bytes[index] - UInt8(ascii: "0"))
        }
        self = value
    }
}
