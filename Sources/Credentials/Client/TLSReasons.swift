// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOSSL

/// What BoringSSL says of a failure, by the names of its reasons (`SSL_R_…`).
///
/// swift-nio-ssl gives them only as a part of a text, between codes, file names and numbers.
package struct TLSReasons: Hashable, Sendable, CustomStringConvertible {
    private let names: [String]

    /// The reasons of BoringSSL's error; nil for any other.
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

/// The names of TLS' alerts (RFC 8446 §6).
package enum TLSAlert {
    /// The name of the alert that a record holds which is not encrypted; nil if it is no such record.
    ///
    /// OpenSSL sends the alert that it does not trust a server of TLS 1.3 in this way, where BoringSSL expects what is encrypted.
    package static func name(inRecord record: some Collection<UInt8>) -> String? {
        let bytes = Array(record.prefix(recordLength + 1))
        guard bytes.count == recordLength, bytes[0] == contentType, bytes[1] == 3, bytes[3] == 0, bytes[4] == 2 else {
            return nil
        }
        return names[bytes[6]]
    }

    /// Whether an alert says that the other side does not accept our certificate.
    package static func rejectsCertificate(_ name: String) -> Bool { rejections.contains(name) }

    /// The type of a record that is an alert, and its length with its head (RFC 8446 §5.1).
    private static let contentType: UInt8 = 21
    private static let recordLength = 7

    private static let rejections: Set<String> = [
        "bad_certificate", "unsupported_certificate", "certificate_revoked", "certificate_expired",
        "certificate_unknown", "unknown_ca", "access_denied", "decrypt_error", "bad_certificate_status_response",
    ]

    private static let names: [UInt8: String] = [
        0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac", 22: "record_overflow",
        40: "handshake_failure", 42: "bad_certificate", 43: "unsupported_certificate", 44: "certificate_revoked",
        45: "certificate_expired", 46: "certificate_unknown", 47: "illegal_parameter", 48: "unknown_ca",
        49: "access_denied", 50: "decode_error", 51: "decrypt_error", 70: "protocol_version",
        71: "insufficient_security", 80: "internal_error", 86: "inappropriate_fallback", 90: "user_canceled",
        109: "missing_extension", 110: "unsupported_extension", 112: "unrecognized_name",
        113: "bad_certificate_status_response", 115: "unknown_psk_identity", 116: "certificate_required",
        120: "no_application_protocol",
    ]
}
