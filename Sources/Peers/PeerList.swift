// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Content
internal import FoundationEssentials

/// What a peer can give: the parts of its document at `/modules` that matter to another server.
package struct PeerList: Hashable, Sendable {
    /// Bytes that a peer can give.
    package struct Entry: Hashable, Sendable {
        package let digest: Digest
        /// In bytes, as the peer says.
        package let size: Int
        /// Whether they are served under a name, too.
        package let isCurrent: Bool
        /// When they were last used there, in seconds since 1970; nil if they are in use, or if it is not told.
        package let lastUsed: Int64?
    }

    /// The largest document that is read, in bytes.
    package static let maximumSize = 4 << 20
    /// The most digests that are taken from one.
    package static let maximumCount = 8192
    /// The most entries that are looked at, whether they can be used or not.
    private static let maximumLookedAt = 2 * maximumCount

    /// Which process answered.
    package let instance: String?
    /// Each digest once, the current ones first, otherwise in the document's order.
    package let entries: [Entry]
    /// Whether there was nothing beyond the limits.
    package let isComplete: Bool

    /// The list that a document holds.
    ///
    /// Entries that are not what they should be are passed over: a newer peer may list what this one does not know.
    ///
    /// - Parameter bytes: The document.
    /// - Throws: ``PeerError/malformed(_:)`` if it is not JSON, or has no array `modules`.
    package init(_ bytes: [UInt8]) throws(PeerError) {
        let document: Document
        do {
            document = try JSONDecoder().decode(Document.self, from: Data(bytes))
        } catch {
            throw .malformed("its /modules is not a list of modules in JSON")
        }
        instance = document.instance
        isComplete = document.isComplete
        entries = document.entries.filter(\.isCurrent) + document.entries.filter { !$0.isCurrent }
    }

    private struct Document: Decodable {
        enum CodingKeys: CodingKey {
            case instance
            case modules
        }

        let instance: String?
        var entries: [Entry] = []
        var isComplete = true

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: CodingKeys.self)
            instance = try? members.decode(String.self, forKey: .instance)
            var modules = try members.nestedUnkeyedContainer(forKey: .modules)
            var places: [Digest: Int] = [:]
            while !modules.isAtEnd {
                guard modules.currentIndex < maximumLookedAt, entries.count < maximumCount else {
                    isComplete = false
                    return
                }
                guard try !modules.decodeNil(), let entry = try modules.decode(Candidate.self).entry else { continue }
                if let place = places[entry.digest] {
                    if entry.isCurrent, !entries[place].isCurrent { entries[place] = entry }
                } else {
                    places[entry.digest] = entries.count
                    entries.append(entry)
                }
            }
        }
    }

    /// An element of any kind, and the entry that it is, if it is one.
    private struct Candidate: Decodable {
        enum CodingKeys: CodingKey {
            case verdict
            case sha256
            case size
            case state
            case lastUsed
        }

        let entry: Entry?

        init(from decoder: any Decoder) {
            guard let members = try? decoder.container(keyedBy: CodingKeys.self),
                (try? members.decode(String.self, forKey: .verdict)) == "admitted",
                let text = try? members.decode(String.self, forKey: .sha256),
                let digest = Digest(hexadecimal: text),
                let size = try? members.decode(Int.self, forKey: .size), size > 0
            else {
                entry = nil
                return
            }
            let isCurrent = (try? members.decode(String.self, forKey: .state)) == "current"
            let lastUsed = isCurrent ? nil : try? members.decode(String.self, forKey: .lastUsed)
            entry = Entry(
                digest: digest,
                size: size,
                isCurrent: isCurrent,
                lastUsed: lastUsed.flatMap(Self.seconds)
            )
        }

        /// The seconds since 1970 at a time as RFC 3339 writes it, in UTC and whole seconds; nil if it is written otherwise.
        private static func seconds(_ text: String) -> Int64? {
            guard text.utf8.count == "2026-11-24T02:31:37Z".utf8.count, text.hasSuffix("Z"),
                let date = try? Date.ISO8601FormatStyle().parse(text)
            else { return nil }
            return Int64(exactly: date.timeIntervalSince1970)
        }
    }
}
