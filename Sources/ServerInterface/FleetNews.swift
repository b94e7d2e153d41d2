// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import FoundationEssentials

/// What one replica tells another of its clients, at `/fleet/news` of the operations port.
///
/// Numbers are seconds since 1970.
package struct FleetNews: Codable, Hashable, Sendable {
    /// Where it is served.
    package static let path = "/fleet/news"
    /// The largest that is read, in bytes.
    package static let maximumSize = 4 << 20
    /// The longest ``instance``, in bytes; ours have 16.
    private static let longestInstance = 64

    /// One client.
    package struct Client: Codable, Hashable, Sendable {
        /// Who it is: a name of its certificate, or an address.
        package let client: String
        /// By what that is known, as ``FleetDocument/Client/identifiedBy`` has it.
        package let identifiedBy: String
        /// What kind of program it says to be, as ``FleetDocument/Client/kind`` has it.
        package let kind: String
        /// The beginning of what its `User-Agent` said last; nil if nothing.
        package let userAgent: String?
        /// What it came for.
        package let fetches: [Fetch]

        /// A client from its parts.
        package init(_ client: String, identifiedBy: String, kind: String, userAgent: String?, fetches: [Fetch]) {
            (self.client, self.identifiedBy, self.kind) = (client, identifiedBy, kind)
            (self.userAgent, self.fetches) = (userAgent, fetches)
        }
    }

    /// What a client came for.
    package struct Fetch: Codable, Hashable, Sendable {
        /// A digest, or a path where there was nothing to give.
        package let asked: String
        /// Where those bytes were served by name.
        package let modules: [String]
        /// When it came for that first.
        package let first: Int64
        /// When it came for that last.
        package let last: Int64
        /// When it was last given it; nil if it never was.
        package let lastSuccess: Int64?
        /// What came of the last fetch, as ``FleetDocument/Client/outcome`` has it.
        package let outcome: String
        /// The status of the answer to it.
        package let status: Int
        /// The version of HTTP: `HTTP/1.1`.
        package let `protocol`: String

        /// A fetch from its parts.
        package init(
            of asked: String,
            modules: [String],
            first: Int64,
            last: Int64,
            lastSuccess: Int64?,
            outcome: String,
            status: Int,
            protocol: String
        ) {
            (self.asked, self.modules, self.first, self.last) = (asked, modules, first, last)
            (self.lastSuccess, self.outcome, self.status, self.protocol) = (lastSuccess, outcome, status, `protocol`)
        }
    }

    /// What is served by name.
    package struct Module: Codable, Hashable, Sendable {
        /// Where.
        package let path: String
        /// 64 lowercase hexadecimal digits.
        package let sha256: String
        /// Since when.
        package let since: Int64

        /// A module from its parts.
        package init(path: String, sha256: String, since: Int64) {
            (self.path, self.sha256, self.since) = (path, sha256, since)
        }
    }

    /// Tells one process from another.
    package let instance: String
    /// When it was made, by the clock of who tells; nil if that is not told.
    package let time: Int64?
    /// What to ask with next.
    package let revision: Int
    /// Whether there is more to ask for at once.
    package let hasMore: Bool
    /// Everyone of whom there is news.
    package let clients: [Client]
    /// What is served by name, for who asks for everything: a replica that has just started does not know since when.
    package let modules: [Module]

    /// News from its parts.
    package init(
        instance: String,
        time: Int64? = nil,
        revision: Int,
        hasMore: Bool,
        clients: [Client],
        modules: [Module]
    ) {
        (self.instance, self.time, self.revision, self.hasMore) = (instance, time, revision, hasMore)
        (self.clients, self.modules) = (clients, modules)
    }

    // MARK: What is asked

    /// The path and query by which a replica asks for what has become known since it was last told.
    ///
    /// - Parameters:
    ///   - revision: What it was told to ask with; 0 for everything.
    ///   - instance: Who has told it so; another process has other numbers.
    /// - Returns: The path and query.
    package static func target(after revision: Int, of instance: String) -> String {
        "\(path)?after=\(revision)&of=\(instance)"
    }

    /// What is asked for by a query: everything, unless it names this process.
    package static func revision(in query: String?, of instance: String) -> Int {
        let parameters = query?.split(separator: "&") ?? []
        guard parameters.contains("of=\(instance)"),
            let after = parameters.first(where: { $0.hasPrefix("after=") }).flatMap({ Int($0.dropFirst(6)) })
        else { return 0 }
        return max(after, 0)
    }

    // MARK: JSON

    /// Reads a document; nil if it is not such a one.
    package init?(_ document: [UInt8]) {
        guard let news = try? JSONDecoder().decode(Self.self, from: Data(document)), Self.isInstance(news.instance)
        else { return nil }
        self = news
    }

    /// Whether a text may tell one process from another.
    ///
    /// It becomes a part of the next ``target(after:of:)``, so whoever is at the same address later must be able to read that.
    private static func isInstance(_ text: String) -> Bool {
        (1...longestInstance).contains(text.utf8.count) && text.utf8.allSatisfy(\.isAlphanumeric)
    }

    /// The document's bytes.
    package func encoded() -> [UInt8] {
        do {
            return Array(try JSONEncoder().encode(self))
        } catch {
            preconditionFailure("strings and integers always encode: \(error)")
        }
    }
}
