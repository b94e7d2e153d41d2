// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Content

/// What a peer can give: the parts of its document at `/modules` that matter to another server.
package struct PeerList: Hashable, Sendable {
    /// Bytes that a peer can give.
    package struct Entry: Hashable, Sendable {
        package let digest: Digest
        /// The size that the peer claims, in bytes.
        package let size: Int
        /// Whether they are served under a name, too.
        package let isCurrent: Bool
        /// When they were last used there, in seconds since 1970; nil if they are in use, or if it is not told.
        package let lastUsed: Int64?
    }

    /// The most digests that are taken from one.
    package static let maximumCount = 8192

    /// Which process answered.
    package let instance: String?
    /// Where it tells of its clients; nil if it does not say.
    package let operationsPort: Int?
    /// Each digest once, the current ones first, otherwise in the document's order.
    package let entries: [Entry]
    /// Whether there was nothing beyond the limits.
    package let isComplete: Bool

    /// A list from its parts.
    init(instance: String?, operationsPort: Int? = nil, entries: [Entry], isComplete: Bool) {
        (self.instance, self.operationsPort) = (instance, operationsPort)
        (self.entries, self.isComplete) = (entries, isComplete)
    }

    /// The list that a document holds.
    ///
    /// Entries that are not what they should be are passed over: a newer peer may list what this one does not know.
    ///
    /// - Parameter bytes: The document.
    /// - Throws: ``PeerError/malformed(_:)`` if it is not JSON, or has no array `modules`.
    package init(_ bytes: [UInt8]) throws(PeerError) {
        var reader = PeerListReader()
        try reader.read(bytes.span)
        self = try reader.list()
    }
}
