// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// By what a client can tell one representation of a resource from another (RFC 9110 §8.8).
package struct Validators: Hashable, Sendable {
    /// The strong tag.
    package let entityTag: EntityTag
    /// When the representation last changed, where that can be known for sure.
    ///
    /// Without it, conditions on dates are ignored (RFC 9110 §13.1.3, §13.1.4).
    package let lastModified: HTTPDate?

    /// Validators of a representation.
    package init(entityTag: EntityTag, lastModified: HTTPDate? = nil) {
        self.entityTag = entityTag
        self.lastModified = lastModified
    }

    /// `If-Match`, or else `If-Unmodified-Since` (RFC 9110 §13.1.1, §13.1.4).
    func satisfyPreconditions(of fields: ConditionalFields, now: HTTPDate) -> Bool {
        if let ifMatch = fields.ifMatch {
            return EntityTagList(parsing: ifMatch).contains(where: entityTag.matchesStrongly)
        }
        guard let lastModified, let since = HTTPDate(fields.ifUnmodifiedSince, now: now) else { return true }
        return lastModified <= since
    }

    /// `If-None-Match`, or else `If-Modified-Since` (RFC 9110 §13.1.2, §13.1.3).
    func areNew(to fields: ConditionalFields, now: HTTPDate) -> Bool {
        if let ifNoneMatch = fields.ifNoneMatch {
            return !EntityTagList(parsing: ifNoneMatch).contains(where: entityTag.matchesWeakly)
        }
        guard let lastModified, let since = HTTPDate(fields.ifModifiedSince, now: now) else { return true }
        return lastModified > since
    }

    /// `If-Range`: a tag is compared strongly, a date exactly (RFC 9110 §13.1.5).
    func permitRange(of fields: ConditionalFields, now: HTTPDate) -> Bool {
        guard let ifRange = fields.ifRange else { return true }
        if let tag = EntityTag(ifRange) { return tag.matchesStrongly(entityTag) }
        guard let lastModified, let date = HTTPDate(ifRange, now: now) else { return false }
        return lastModified == date
    }
}

extension HTTPDate {
    fileprivate init?(_ value: String?, now: HTTPDate) {
        guard let value else { return nil }
        self.init(parsing: value, now: now)
    }
}
