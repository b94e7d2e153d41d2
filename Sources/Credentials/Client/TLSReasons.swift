// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOSSL

/// What BoringSSL says of a failure, by the names of its reasons (`SSL_R_…`).
///
/// swift-nio-ssl gives them only as a part of a text, between codes, file names and numbers.
package struct TLSReasons: Hashable, Sendable, CustomStringConvertible {
    private let names: [String]

    /// The reasons of an error.
    ///
    /// - Parameter error: The error; nil is made of one that is not BoringSSL's.
    package init?(_ error: any Error) {
        let stack: NIOBoringSSLErrorStack
        switch error {
        case NIOSSLError.handshakeFailed(.sslError(let found)), NIOSSLError.handshakeFailed(.unknownError(let found)),
            BoringSSLError.sslError(let found), BoringSSLError.unknownError(let found):
            stack = found
        default: return nil
        }
        names = stack.map { Self.name(in: "\($0)") }
    }

    /// Such as `WRONG_CURVE`; several are separated by commas.
    package var description: String { names.isEmpty ? "unknown" : names.joined(separator: ", ") }

    /// Whether one of these is among them.
    package func contain(anyOf wanted: Set<String>) -> Bool { !wanted.isDisjoint(with: names) }

    /// The alert that the other side sent, such as `unknown_ca` (RFC 8446 §6); nil if it sent none.
    package var alert: String? {
        for name in names {
            for prefix in Self.alertPrefixes where name.hasPrefix(prefix) {
                return name.dropFirst(prefix.count).lowercased()
            }
        }
        return nil
    }

    /// Whether the other side ended its stream.
    package var isEndOfStream: Bool { names.contains(Self.endOfStream) }

    private static let alertPrefixes = ["SSLV3_ALERT_", "TLSV1_ALERT_"]
    /// swift-nio-ssl's own words.
    private static let endOfStream = "EOF during handshake"

    /// What stands between the library's name and the file's.
    private static func name(in text: String) -> String {
        if text.hasSuffix(endOfStream) { return endOfStream }
        let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        return parts.count < 6 ? text : String(parts[5].prefix { $0 != " " })
    }
}
