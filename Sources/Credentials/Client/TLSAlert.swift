// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

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
