// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Content

/// What came of a fetch.
package enum FetchOutcome: String, Sendable, CaseIterable {
    /// All bytes were handed to the system.
    case whole
    /// The client says that it has them already (304, RFC 9110 §15.4.5).
    case notModified = "not_modified"
    /// A part was asked for and sent (206, RFC 9110 §15.3.7).
    case part
    /// The connection or the stream ended before.
    case cut
    /// There was another answer than the bytes.
    case refused

    /// Whether the client has the bytes.
    package var isSuccess: Bool { self == .whole }
    /// Whether the client wanted them and has not got them.
    package var isFailure: Bool { self == .cut || self == .refused }
}

/// What a client asked for.
package enum FetchSubject: Hashable, Sendable {
    /// Bytes, by their name or by their digest.
    case digest(Digest)
    /// A path where there was nothing to give: its beginning.
    case path(String)

    /// The longest path that is kept, in bytes.
    package static let longestPath = 128

    /// The digest, or the path.
    package var text: String {
        switch self {
        case .digest(let digest): digest.hexadecimal
        case .path(let path): path
        }
    }
}

/// What is known of a client's fetches of one thing; times are in seconds since 1970.
package struct FetchRecord: Hashable, Sendable {
    /// How one fetch went.
    package struct Fetch: Hashable, Sendable {
        /// When it was.
        package let time: Int64
        /// What came of it.
        package let outcome: FetchOutcome
        /// The status of the answer.
        package let status: Int
        /// The version of HTTP: `HTTP/1.1`.
        package let version: String

        /// A fetch from its parts.
        package init(at time: Int64, _ outcome: FetchOutcome, status: Int, version: String) {
            (self.time, self.outcome, self.status, self.version) = (time, outcome, status, version)
        }
    }

    /// When the client came first.
    package private(set) var first: Int64
    /// How its last fetch went.
    package private(set) var last: Fetch
    /// When it was last given the bytes; nil if it never was.
    package private(set) var lastSuccess: Int64?
    /// The paths where the bytes were served by name when it came; no more than ``mostModules``.
    package private(set) var modules: [String]
    /// Which peer has told of the last fetch; nil if it was seen here.
    package private(set) var teller: String?

    /// The most paths that are kept.
    package static let mostModules = 4
    /// The longest of them that is taken from a peer, in bytes, which is the longest that a module has.
    static let longestModule = 1024
    /// How many bytes of paths weigh as much as what else there is of a fetch.
    private static let bytesPerWeight = 256
    /// What the heaviest fetch weighs.
    static let mostWeight = 1 + mostModules * longestModule / bytesPerWeight

    /// How much memory it takes: 1 as most do, and more with long paths.
    var weight: Int { 1 + modules.reduce(0) { $0 + $1.utf8.count } / Self.bytesPerWeight }

    /// A record of one fetch, or of several, of which the last is given.
    package init(
        first: Int64,
        last: Fetch,
        lastSuccess: Int64?,
        modules: [String],
        teller: String? = nil
    ) {
        (self.first, self.last, self.lastSuccess, self.teller) = (first, last, lastSuccess, teller)
        self.modules = Array(modules.prefix(Self.mostModules))
    }

    /// A record of one fetch.
    package init(_ fetch: Fetch, of modules: [String]) {
        self.init(
            first: fetch.time,
            last: fetch,
            lastSuccess: fetch.outcome.isSuccess ? fetch.time : nil,
            modules: modules
        )
    }

    /// Takes in what another record says of the same; whether that was news.
    ///
    /// In whichever order records are merged, and however often, the same comes of it: so replicas agree.
    package mutating func merge(_ other: FetchRecord) -> Bool {
        let before = self
        first = min(first, other.first)
        if other.last.isAfter(last) { (last, teller) = (other.last, other.teller) }
        if let success = other.lastSuccess { lastSuccess = max(lastSuccess ?? success, success) }
        if other.modules != modules {
            modules = Array(Set(modules + other.modules).sorted().prefix(Self.mostModules))
        }
        return self != before
    }

    /// The same, with times to come taken for the present.
    func settled(at now: Int64) -> FetchRecord {
        var settled = self
        settled.first = min(first, now)
        settled.last = Fetch(at: min(last.time, now), last.outcome, status: last.status, version: last.version)
        settled.lastSuccess = lastSuccess.map { min($0, now) }
        return settled
    }
}

extension FetchRecord.Fetch {
    /// Whether it counts as the later of two; of two at the same time always the same one, and a success rather than a failure.
    func isAfter(_ other: Self) -> Bool {
        guard time == other.time else { return time > other.time }
        let order = { (fetch: Self) in
            (fetch.outcome.isSuccess ? 1 : 0, fetch.outcome.rawValue, fetch.status, fetch.version)
        }
        return order(self) > order(other)
    }
}
