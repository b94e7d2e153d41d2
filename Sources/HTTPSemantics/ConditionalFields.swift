// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import RawStructuredFieldValues

/// The request fields by which the answer to a `GET` can differ from the whole representation.
///
/// A field that is sent on several lines is their list, joined by commas (RFC 9110 §5.3).
package struct ConditionalFields: Sendable {
    /// Such a field, with its name in lowercase.
    package enum Name: String, Sendable {
        /// RFC 9110 §13.1.1.
        case ifMatch = "if-match"
        /// RFC 9110 §13.1.2.
        case ifNoneMatch = "if-none-match"
        /// RFC 9110 §13.1.3.
        case ifModifiedSince = "if-modified-since"
        /// RFC 9110 §13.1.4.
        case ifUnmodifiedSince = "if-unmodified-since"
        /// RFC 9110 §13.1.5.
        case ifRange = "if-range"
        /// RFC 9110 §14.2.
        case range
        /// RFC 9530 §4.
        case wantReprDigest = "want-repr-digest"
    }

    /// Entity tags, of which the representation must have one.
    package private(set) var ifMatch: String?
    /// Entity tags, of which the representation must have none.
    package private(set) var ifNoneMatch: String?
    /// The date since which it must have changed.
    package private(set) var ifModifiedSince: String?
    /// The date since which it must not have changed.
    package private(set) var ifUnmodifiedSince: String?
    /// The entity tag or the date of what a range is to be of.
    package private(set) var ifRange: String?
    /// Which part is asked for.
    package private(set) var range: String?
    /// Which digests are wanted.
    package private(set) var wantReprDigest: String?
    /// Whether none was sent.
    package private(set) var isEmpty = true

    /// No fields.
    package init() {}

    /// Adds a field line.
    ///
    /// - Parameters:
    ///   - name: The field.
    ///   - value: Its value, without white space around it.
    package mutating func add(_ name: Name, _ value: String) {
        isEmpty = false
        switch name {
        case .ifMatch: ifMatch.append(line: value)
        case .ifNoneMatch: ifNoneMatch.append(line: value)
        case .ifModifiedSince: ifModifiedSince.append(line: value)
        case .ifUnmodifiedSince: ifUnmodifiedSince.append(line: value)
        case .ifRange: ifRange.append(line: value)
        case .range: range.append(line: value)
        case .wantReprDigest: wantReprDigest.append(line: value)
        }
    }
}

extension String? {
    /// Appends a field line's value to those that came before (RFC 9110 §5.3).
    package mutating func append(line value: String) {
        self = map { "\($0), \(value)" } ?? value
    }
}

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
