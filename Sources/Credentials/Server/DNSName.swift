// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// A DNS name, in lowercase, for comparison with those of certificates (RFC 5280 §7.2: ASCII case does not count).
struct DNSName: Hashable, Sendable, CustomStringConvertible {
    private static let maximumLength = 253
    private static let maximumLabelLength = 63

    /// The name in lowercase.
    let description: String

    /// Parses one exact name.
    ///
    /// - Parameter text: Labels of letters, digits, dashes and underscores, separated by dots (RFC 1123 §2.1).
    /// - Throws: ``ClientIdentityError``, with what is wrong and how it should be.
    init(_ text: String) throws(ClientIdentityError) {
        func fail(_ reason: String, _ remedy: String) -> ClientIdentityError {
            ClientIdentityError(text: text, reason: reason, remedy: remedy)
        }
        let exact = "write one exact name, such as gateway.example.com"
        guard !text.utf8.contains(UInt8(ascii: "*")) else {
            throw fail("wildcards are not allowed", "name each client by its exact name")
        }
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else {
            throw fail("it has characters that are not ASCII", "write it in its ASCII form, which begins with xn--")
        }
        guard (1...Self.maximumLength).contains(text.utf8.count) else {
            throw fail("a DNS name has 1 to \(Self.maximumLength) characters", exact)
        }
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        for label in labels {
            guard (1...Self.maximumLabelLength).contains(label.count), label.allSatisfy(\.isLabelCharacter),
                label.first != UInt8(ascii: "-"), label.last != UInt8(ascii: "-")
            else { throw fail("it is neither a DNS name nor a SPIFFE ID", exact) }
        }
        // A name whose last label is a number would be read as an address (RFC 1123 §2.1).
        guard labels.last?.allSatisfy(\.isDigit) == false else {
            throw fail("it is an IP address", exact)
        }
        description = text.lowercased()
    }
}

extension UInt8 {
    fileprivate var isLabelCharacter: Bool { isAlphanumeric || "-_".utf8.contains(self) }
}
