// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import RawStructuredFieldValues

/// What a client says about integrity fields in `Want-Repr-Digest` (RFC 9530 §4).
package enum DigestPreference {
    /// Whether `Repr-Digest` with a SHA-256 is to be sent.
    ///
    /// It is, unless the client rules it out with the preference 0. A malformed field is ignored, as a structured field
    /// that fails to parse is (RFC 9651 §4.2).
    ///
    /// - Parameter wantReprDigest: The field's value, a dictionary of algorithms to preferences from 0 to 10.
    /// - Returns: Whether to send the field.
    package static func permitsSHA256(_ wantReprDigest: String?) -> Bool {
        guard let wantReprDigest else { return true }
        var parser = StructuredFieldValueParser(Array(wantReprDigest.utf8))
        guard let preferences = try? parser.parseDictionaryFieldValue(),
            case .item(let item) = preferences["sha-256"],
            case .integer(let preference) = item.rfc9651BareItem
        else { return true }
        return preference != 0
    }
}
