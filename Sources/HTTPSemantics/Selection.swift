// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What of a representation a request gets.
package enum Selection: Hashable, Sendable {
    /// 200 with all of it.
    case whole
    /// 206 with these bytes of it.
    case part(Range<Int>)
    /// 304.
    case notModified
    /// 412.
    case preconditionFailed
    /// 416.
    case rangeNotSatisfiable

    /// Evaluates a request's conditions and range, in the order that RFC 9110 §13.2.2 prescribes.
    ///
    /// | | field | counts when | if false |
    /// |-|-|-|-|
    /// | 1 | `If-Match` | present | 412 |
    /// | 2 | `If-Unmodified-Since` | `If-Match` is absent, and the representation has a date | 412 |
    /// | 3 | `If-None-Match` | present | 304 |
    /// | 4 | `If-Modified-Since` | `If-None-Match` is absent, and the representation has a date | 304 |
    /// | 5 | `Range` with `If-Range` | the method is `GET` | without the range |
    ///
    /// - Parameters:
    ///   - fields: What the request asks besides.
    ///   - method: `GET` or `HEAD`.
    ///   - validators: Of the representation that it selects.
    ///   - length: The representation's length, in bytes.
    ///   - now: Tells the present, for dates with years of two digits.
    /// - Returns: What the request gets.
    package static func of(
        _ fields: ConditionalFields,
        method: Method,
        validators: Validators,
        length: Int,
        now: () -> HTTPDate
    ) -> Selection {
        guard !fields.isEmpty else { return .whole }
        let now = now()
        guard validators.satisfyPreconditions(of: fields, now: now) else { return .preconditionFailed }
        guard validators.areNew(to: fields, now: now) else { return .notModified }
        guard method == .get, let range = fields.range, validators.permitRange(of: fields, now: now) else {
            return .whole
        }
        switch ByteRange(parsing: range, length: length) {
        case .ignored: return .whole
        case .satisfiable(let bytes): return .part(bytes)
        case .unsatisfiable: return .rangeNotSatisfiable
        }
    }
}
