// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// Who a client is by its certificate: one exact DNS name or SPIFFE ID.
package struct ClientIdentity: Hashable, Sendable, CustomStringConvertible {
    private enum Kind: Hashable, Sendable {
        case dnsName(DNSName)
        case workload(SPIFFEID)
    }

    private let kind: Kind

    /// Parses what a person writes: a DNS name, or a SPIFFE ID with a path.
    package init(_ text: String) throws(ClientIdentityError) {
        kind = SPIFFEID.isSpelled(by: text) ? .workload(try SPIFFEID(text)) : .dnsName(try DNSName(text))
    }

    /// The name, with what is compared without regard to case in lowercase.
    package var description: String {
        switch kind {
        case .dnsName(let name): name.description
        case .workload(let identifier): identifier.description
        }
    }

    /// Who the names of a certificate say that its owner is.
    ///
    /// Names that are not exact, such as wildcards, say nothing. More than one URI is not a valid SVID, so it says
    /// nothing either (X509-SVID §2).
    static func all(in names: CertificateNames) -> Set<ClientIdentity> {
        var identities = Set(names.dnsNames.compactMap { (try? DNSName($0)).map { Self(kind: .dnsName($0)) } })
        if names.uris.count == 1, let identifier = try? SPIFFEID(names.uris[0]) {
            identities.insert(Self(kind: .workload(identifier)))
        }
        return identities
    }

    private init(kind: Kind) {
        self.kind = kind
    }
}

/// Why a text names no client.
package struct ClientIdentityError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The text.
    package let text: String
    /// What is wrong with it.
    package let reason: String
    /// What a person can do about it.
    package let remedy: String

    /// One line: the text, the reason, the remedy.
    package var description: String { "\(text): \(reason); \(remedy)" }
}

/// A DNS name, in lowercase, for comparison with those of certificates (RFC 5280 §7.2: ASCII case does not count).
struct DNSName: Hashable, Sendable, CustomStringConvertible {
    private static let maximumLength = 253
    private static let maximumLabelLength = 63

    /// The name in lowercase.
    let description: String

    /// Parses one exact name: labels of letters, digits, dashes and underscores, separated by dots (RFC 1123 §2.1).
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
    /// Scheme and trust domain may be in any case; the path's case counts. The path consists of segments of letters,
    /// digits, dots, dashes and underscores; none is empty, `.` or `..` (SPIFFE-ID §2.2). So there is no user, port,
    /// query, fragment nor percent-encoding.
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
