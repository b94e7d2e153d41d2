// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore
package import NIOSSL

/// The names that a certificate gives its owner: its subject alternative names (RFC 5280 §4.2.1.6).
///
/// swift-nio-ssl has them only under a name with an underscore, which may change between versions. Parsing certificates
/// once more with another library would cost more, and could come to another result than the one that verified them.
/// That name is used here only.
package struct CertificateNames: Hashable, Sendable {
    /// The DNS names, as they stand in the certificate.
    package private(set) var dnsNames: [String] = []
    /// The URIs, as they stand in the certificate.
    package private(set) var uris: [String] = []
    /// The IP addresses, in their usual form.
    package private(set) var addresses: [String] = []

    /// The most bytes of a name that matter: the longest SPIFFE ID (SPIFFE-ID §2.3).
    private static let maximumNameLength = 2048
    /// The most bytes of names in a log.
    private static let maximumTextLength = 256

    /// The names of a certificate.
    package init(_ certificate: NIOSSLCertificate) {
        for name in certificate._subjectAlternativeNames() {
            switch name.nameType {
            case .dnsName: dnsNames.append(Self.text(name.contents))
            case .uri: uris.append(Self.text(name.contents))
            case .ipAddress:
                let address = try? SocketAddress(packedIPAddress: ByteBuffer(bytes: name.contents), port: 0)
                addresses.append(address?.ipAddress ?? "\u{fffd}")
            default: break
            }
        }
    }

    /// The names for a log, URIs first and addresses last: printable ASCII, and not longer than a log needs.
    package var text: String {
        let names = (uris + dnsNames + addresses).joined(separator: ",")
        let printable = names.utf8.prefix(Self.maximumTextLength).map { byte in
            (0x21...0x7e).contains(byte) ? byte : UInt8(ascii: "?")
        }
        return String(decoding: printable, as: UTF8.self) + (names.utf8.count > printable.count ? "..." : "")
    }

    /// Whether a client that calls its server by this DNS name or IP address takes the certificate for it (RFC 9525
    /// §6.3, RFC 9110 §4.3.5).
    package func cover(_ host: String) -> Bool {
        if let address = try? SocketAddress(ipAddress: host, port: 0) {
            return addresses.contains { $0 == address.ipAddress }
        }
        let host = host.lowercased()
        let parent = host.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).dropFirst().first
        return dnsNames.contains { name in
            // A wildcard stands for one whole label, the first.
            name.lowercased() == host || parent.map { name.lowercased() == "*.\($0)" } == true
        }
    }

    /// A name is an IA5String; one that is too long or not ASCII becomes a text that nothing matches.
    private static func text(_ bytes: some Collection<UInt8>) -> String {
        guard bytes.count <= maximumNameLength, bytes.allSatisfy({ $0 < 0x80 }) else {
            return String(decoding: bytes.prefix(maximumNameLength), as: UTF8.self) + "\u{fffd}"
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
