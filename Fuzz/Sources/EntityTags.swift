// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics

extension FuzzTarget {
    /// The value of `If-Match` or `If-None-Match`.
    static let entityTags = FuzzTarget("entity-tags") { text in
        guard case .tags(let tags) = EntityTagList(parsing: text) else {
            require(text.utf8.count { $0 == UInt8(ascii: "*") } == 1, "only a star is any")
            return
        }
        for tag in tags {
            let isTag = tag.opaque.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x7f }
            require(isTag, "\(tag) holds neither quotes, spaces nor controls (RFC 9110 §8.8.3)")
            require(EntityTag(tag.description) == tag, "\(tag) is read as it is written")
            require(text.utf8.contains(tag.description.utf8), "\(tag) stands in the field")
        }
        let listed = tags.map(\.description).joined(separator: ", ")
        require(EntityTagList(parsing: listed) == .tags(tags), "a list is read as it is written")
        for one in tags {
            for other in tags {
                require(one.matchesWeakly(other) == other.matchesWeakly(one), "weak comparison is symmetric")
                require(one.matchesStrongly(other) == other.matchesStrongly(one), "strong comparison is symmetric")
                require(!one.matchesStrongly(other) || one.matchesWeakly(other), "what matches strongly matches weakly")
                require(
                    one.matchesWeakly(other) == one.opaque.utf8.elementsEqual(other.opaque.utf8),
                    "tags are compared character by character (RFC 9110 §8.8.3.2)"
                )
            }
        }
    }
}
