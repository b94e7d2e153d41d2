// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Bytes that are looked at eight at a time: for each byte of a word, the highest bit of a mask tells whether it is one of those that
/// are looked for.
extension UInt64 {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080
    private static let caseBits: UInt64 = 0x2020_2020_2020_2020

    /// The bytes that are not of ASCII.
    fileprivate var bytesBeyondASCII: UInt64 { self & Self.highBits }

    /// The bytes with letters of ASCII in lowercase; some others become others, too.
    fileprivate var roughlyLowercased: UInt64 { self | Self.caseBits }

    /// The bytes that are equal to another; behind the first of them, others may be marked, too.
    fileprivate func bytes(equalTo byte: UInt8) -> UInt64 {
        let difference = self ^ Self.ones &* UInt64(byte)
        return (difference &- Self.ones) & ~difference & Self.highBits
    }

    /// The bytes below another, which is at most 128; behind the first of them, others may be marked, too.
    fileprivate func bytes(below byte: UInt8) -> UInt64 {
        (self &- Self.ones &* UInt64(byte)) & ~self & Self.highBits
    }
}

extension UnsafePointer<UInt8> {
    /// Eight bytes from an offset on, which must be there; the first of them is the lowest.
    fileprivate func word(at offset: Int) -> UInt64 {
        // Any eight bytes are a word.
        UInt64(littleEndian: unsafe UnsafeRawPointer(self).loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Eight bytes from an offset on, which must be there; the first of them is the lowest.
    fileprivate func word(at offset: Int) -> UInt64 {
        UInt64(littleEndian: unsafe UnsafeRawBufferPointer(self).loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
}

extension Span<UInt8> {
    /// Where a byte is found first within a range; nil if it is not.
    package func firstIndex(of byte: UInt8, in range: Range<Int>) -> Int? {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "a byte is looked for where there are some")
        return unsafe withUnsafeBufferPointer { bytes in
            var index = range.lowerBound
            while range.upperBound - index >= 8 {
                let found = unsafe bytes.word(at: index).bytes(equalTo: byte)
                if found != 0 { return index + found.trailingZeroBitCount / 8 }
                index += 8
            }
            while index < range.upperBound {
                if unsafe bytes[index] == byte { return index }
                index += 1
            }
            return nil
        }
    }

    /// Where the first control character of ASCII is from an offset on, other than a tab; the end if there is none.
    package func firstControlCharacter(from start: Int) -> Int {
        precondition(start >= 0 && start <= count, "a character is looked for where there are some")
        return unsafe withUnsafeBufferPointer { bytes in
            var index = start
            while bytes.count - index >= 8 {
                let word = unsafe bytes.word(at: index)
                if word.bytes(below: 0x20) | word.bytes(equalTo: 0x7f) != 0 {
                    for byte in index..<index + 8 where unsafe bytes[byte].isControlCharacter { return byte }
                }
                index += 8
            }
            while index < bytes.count, unsafe !bytes[index].isControlCharacter { index += 1 }
            return index
        }
    }

    /// Where the first byte is from an offset on that is no visible character of ASCII; the end if there is none.
    package func firstInvisibleCharacter(from start: Int) -> Int {
        precondition(start >= 0 && start <= count, "a character is looked for where there are some")
        return unsafe withUnsafeBufferPointer { bytes in
            var index = start
            while bytes.count - index >= 8 {
                let word = unsafe bytes.word(at: index)
                let found = word.bytes(below: 0x21) | word.bytes(equalTo: 0x7f) | word.bytesBeyondASCII
                if found != 0 { return index + found.trailingZeroBitCount / 8 }
                index += 8
            }
            while index < bytes.count, unsafe (0x21...0x7e).contains(bytes[index]) { index += 1 }
            return index
        }
    }

    /// Where the first byte is from an offset on that is not in a set; the end if there is none.
    package func firstIndex(notIn set: ASCIISet, from start: Int) -> Int {
        precondition(start >= 0 && start <= count, "a character is looked for where there are some")
        return unsafe withUnsafeBufferPointer { bytes in
            var index = start
            while index < bytes.count, unsafe set.contains(bytes[index]) { index += 1 }
            return index
        }
    }

    /// Whether other bytes are the same.
    package func isEqual(to other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        return unsafe withUnsafeBufferPointer { bytes in
            unsafe other.withUnsafeBufferPointer { other in
                var index = 0
                while bytes.count - index >= 8 {
                    guard unsafe bytes.word(at: index) == other.word(at: index) else { return false }
                    index += 8
                }
                while index < bytes.count {
                    guard unsafe bytes[index] == other[index] else { return false }
                    index += 1
                }
                return true
            }
        }
    }
}

extension Span<UInt8> {
    /// Whether the bytes spell a text that has no large letters, in which they may have some.
    package func isEqual(ignoringCase text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        return unsafe withUnsafeBufferPointer { bytes in
            // The text has as many bytes.
            let text = unsafe text.utf8Start
            var index = 0
            while bytes.count - index >= 8 {
                let (word, expected) = unsafe (bytes.word(at: index), text.word(at: index))
                guard word.roughlyLowercased == expected.roughlyLowercased else { return false }
                if word != expected {
                    for byte in index..<index + 8 where unsafe bytes[byte].lowercased != text[byte] { return false }
                }
                index += 8
            }
            while index < bytes.count {
                guard unsafe bytes[index].lowercased == text[index] else { return false }
                index += 1
            }
            return true
        }
    }
}

extension UInt8 {
    /// A control character of ASCII, but no tab.
    fileprivate var isControlCharacter: Bool { (self < 0x20 && self != UInt8(ascii: "\t")) || self == 0x7f }
}

/// A set of characters of ASCII: a bit for each.
package struct ASCIISet: Sendable {
    private let lowerHalf: UInt64
    private let upperHalf: UInt64

    /// A set by the bits of the characters up to 63, and of those from 64 on.
    package init(_ lowerHalf: UInt64, _ upperHalf: UInt64) {
        (self.lowerHalf, self.upperHalf) = (lowerHalf, upperHalf)
    }

    /// Whether a byte is in it.
    package func contains(_ byte: UInt8) -> Bool {
        let half = byte < 64 ? lowerHalf : upperHalf
        return byte < 128 && half &>> UInt64(byte) & 1 != 0
    }
}
