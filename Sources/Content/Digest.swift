// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CSHA256
internal import FoundationEssentials

/// A SHA-256 digest, in the form in which it is announced, compared and looked up: 64 lowercase hexadecimal digits.
///
/// Envoy compares digests as strings, so there is no other form (`remote_data_fetcher.cc`).
package struct Digest: Hashable, Sendable, CustomStringConvertible {
    /// How many hexadecimal digits a SHA-256 digest has.
    private static let digitCount = 64

    /// The 64 lowercase hexadecimal digits.
    package let hexadecimal: String

    /// The digest that exactly 64 digits `0`–`9` and `a`–`f` spell; anything else is no digest.
    package init?(hexadecimal: some StringProtocol) {
        let digits = hexadecimal.utf8
        guard digits.count == Self.digitCount, digits.allSatisfy(\.isLowercaseHexadecimalDigit) else { return nil }
        self.hexadecimal = String(hexadecimal)
    }

    /// The digest of a few bytes.
    package init(of bytes: [UInt8]) {
        var hasher = DigestHasher()
        hasher.update(bytes.span)
        self = hasher.digest
    }

    /// The digest that a hash function has computed.
    fileprivate init(_ result: [UInt8]) {
        hexadecimal = result.reduce(into: "") { text, byte in
            text.append(Self.digits[Int(byte >> 4)])
            text.append(Self.digits[Int(byte & 15)])
        }
    }

    private static let digits = Array("0123456789abcdef")

    /// The 64 lowercase hexadecimal digits.
    package var description: String { hexadecimal }

    /// The digest's 32 bytes in base64, as a structured field spells them (RFC 9530 §2, RFC 9651 §4.1.8).
    package var base64: String {
        var bytes: [UInt8] = []
        var rest = Substring(hexadecimal)
        while let byte = UInt8(rest.prefix(2), radix: 16), !rest.isEmpty {
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return Data(bytes).base64EncodedString()
    }
}

/// Computes a SHA-256 digest piece by piece.
package struct DigestHasher {
    private var function = sha256_begin()

    /// A hasher that has seen nothing.
    package init() {}

    /// Hashes further bytes.
    package mutating func update(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBytes { bytes in
            unsafe sha256_update(&function, bytes.baseAddress, bytes.count)
        }
    }

    /// The digest of all bytes so far.
    package var digest: Digest {
        let size = Int(sha256_size)
        return Digest(
            unsafe [UInt8](unsafeUninitializedCapacity: size) { bytes, count in
                unsafe sha256_finish(function, bytes.baseAddress)
                count = size
            }
        )
    }
}
