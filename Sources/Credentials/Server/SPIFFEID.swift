// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// The name of a workload (SPIFFE-ID §2): `spiffe://trust-domain/path`.
struct SPIFFEID: Hashable, Sendable, CustomStringConvertible {
    /// The most bytes that it may have (SPIFFE-ID §2.3).
    static let maximumLength = 2048
    /// The most bytes that its trust domain may have (SPIFFE-ID §2.3).
    private static let maximumTrustDomainLength = 255
    private static let scheme = "spiffe://"

    /// The identifier, with scheme and trust domain in lowercase; the path is taken as it is.
    let description: String

    /// Whether a text means to be such an identifier.
    static func isSpelled(by text: String) -> Bool { text.lowercased().hasPrefix("spiffe:") }

    /// Parses the identifier of a workload, which has a path (X509-SVID §5.2).
    ///
    /// The path consists of segments of letters, digits, dots, dashes and underscores; none is empty, `.` or `..`
    /// (SPIFFE-ID §2.2). So there is no user, port, query, fragment nor percent-encoding.
    ///
    /// - Parameter text: Scheme and trust domain in any case; the path's case counts.
    /// - Throws: ``ClientIdentityError``, with what is wrong and how it should be.
    init(_ text: String) throws(ClientIdentityError) {
        func fail(_ reason: String) -> ClientIdentityError {
            ClientIdentityError(
                text: text,
                reason: reason,
                remedy: "write it as spiffe://trust-domain/path, as it stands in the client's certificate"
            )
        }
        guard text.utf8.count <= Self.maximumLength else {
            throw fail("a SPIFFE ID has at most \(Self.maximumLength) bytes")
        }
        guard text.lowercased().hasPrefix(Self.scheme) else { throw fail("a SPIFFE ID begins with \(Self.scheme)") }
        let parts = text.utf8.dropFirst(Self.scheme.utf8.count)
            .split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let trustDomain = parts[0].map { byte in byte.isUppercaseLetter ? byte | 0x20 : byte }
        guard (1...Self.maximumTrustDomainLength).contains(trustDomain.count),
            trustDomain.allSatisfy(\.isSPIFFECharacter)
        else {
            throw fail("its trust domain consists of letters, digits, dots, dashes and underscores")
        }
        let path = parts.dropFirst()
        guard !path.isEmpty else { throw fail("it has no path, so it names no workload") }
        for segment in path {
            let isDots = segment.elementsEqual(".".utf8) || segment.elementsEqual("..".utf8)
            guard !segment.isEmpty, !isDots, segment.allSatisfy(\.isSPIFFECharacter) else {
                throw fail(
                    "its path consists of segments of letters, digits, dots, dashes and underscores; none is empty, . or .."
                )
            }
        }
        description = ([trustDomain] + path.map(Array.init)).reduce(into: "spiffe:/") { identifier, part in
            identifier += "/" + String(decoding: part, as: UTF8.self)
        }
    }
}

extension UInt8 {
    /// A letter, a digit, a dot, a dash or an underscore.
    fileprivate var isSPIFFECharacter: Bool { isAlphanumeric || ".-_".utf8.contains(self) }
}
