// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Content

/// How far a client is with a module.
package enum ClientState: String, Sendable, CaseIterable {
    /// Its last fetch was cut or refused.
    case failed
    /// It has come since the module changed, and lately, and has only an older one.
    case behind
    /// It has an older one, and has not come since the module changed, or not lately.
    case missing
    /// It has the bytes that are served now.
    case current

    /// Its place in lists: who needs somebody to look after it comes first.
    fileprivate var rank: Int {
        switch self {
        case .failed: 0
        case .behind: 1
        case .missing: 2
        case .current: 3
        }
    }
}

/// A module as rollouts see it.
package struct RolloutModule: Hashable, Sendable {
    /// Where it is served.
    package let path: String
    /// What is served there; nil if nothing is.
    package let digest: Digest?
    /// Since when, in seconds since 1970.
    package let since: Int64
    /// What was served there before, as far as that is known, the oldest first.
    package let formerly: [Digest]

    /// The most digests of ``formerly``, besides those that can still be fetched.
    private static let mostFormerly = 64

    /// A module from its parts.
    package init(path: String, digest: Digest?, since: Int64, formerly: [Digest] = []) {
        (self.path, self.digest, self.since, self.formerly) = (path, digest, since, formerly)
    }

    /// A module that takes the place of another.
    ///
    /// - Parameters:
    ///   - former: What was served there; nil if nothing was.
    ///   - path: Where it is served.
    ///   - digest: What is served now; nil if nothing is.
    ///   - since: Since when, in seconds since 1970.
    ///   - kept: What can still be fetched of what was served there: that is not forgotten, however much there is of it.
    package init(after former: RolloutModule?, path: String, digest: Digest?, since: Int64, keeping kept: Set<Digest>) {
        let known = (former?.formerly ?? []) + [former?.digest].compactMap(\.self)
        let unknown = kept.subtracting(known).sorted { $0.hexadecimal < $1.hexadecimal }
        let digests = (unknown + known).filter { $0 != digest }
        var excess = digests.count { !kept.contains($0) } - Self.mostFormerly
        let formerly = digests.filter { digest in
            guard excess > 0, !kept.contains(digest) else { return true }
            excess -= 1
            return false
        }
        self.init(path: path, digest: digest, since: since, formerly: formerly)
    }
}

/// Which client has what of each module.
///
/// That a client has bytes means that it was sent them whole, not that it runs them.
package struct Rollout: Sendable {
    /// A client and what it came for.
    package struct Entry: Hashable, Sendable {
        /// Who it is.
        package let client: ClientRecord
        /// The module's path; nil if it came for nothing that is served by name, now or before.
        package let module: String?
        /// How far it is.
        package let state: ClientState
        /// What it has: what it was sent last, whole.
        package let digest: Digest?
        /// What it came for last.
        package let subject: FetchSubject
        /// What is known of its fetches of that.
        package let fetch: FetchRecord
    }

    /// Those who failed first, then those who are behind, missing, and current; in each state who came last is first.
    package private(set) var entries: [Entry] = []
    /// How many entries are left out at the end, as there are too many.
    package private(set) var omitted = 0
    /// How many gateways are in each state, by the module's path.
    package private(set) var counts: [String: [ClientState: Int]] = [:]

    /// How long someone came lately, in seconds: a gateway that was replaced does not count for longer among those that want something.
    static let lately: Int64 = 24 * 3600

    /// What clients have of modules.
    ///
    /// - Parameters:
    ///   - modules: What is served by name.
    ///   - clients: What is known of them.
    ///   - now: The present, in seconds since 1970.
    ///   - most: The most entries that are kept: each of thousands of clients may have one for each of its modules.
    package init(of modules: [RolloutModule], _ clients: [ClientRecord], now: Int64, most: Int = .max) {
        let served = Dictionary(modules.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        var paths: [Digest: Set<String>] = [:]
        for module in modules {
            for digest in module.formerly + [module.digest].compactMap(\.self) {
                paths[digest, default: []].insert(module.path)
            }
        }
        // What peers tell of one client says nothing of another.
        for case (.digest(let digest), let fetch) in clients.lazy.flatMap(\.fetches) where fetch.teller == nil {
            for path in fetch.modules where served[path] != nil { paths[digest, default: []].insert(path) }
        }
        for client in clients {
            for (path, fetches) in Self.groups(of: client, paths, served) {
                let module = path.flatMap { served[$0] }
                guard let entry = Entry(client, module, fetches, since: now - Self.lately) else { continue }
                add(entry, most)
            }
        }
        order(most)
    }

    private mutating func add(_ entry: Entry, _ most: Int) {
        if let module = entry.module, entry.client.key.kind.isGateway {
            counts[module, default: [:]][entry.state, default: 0] += 1
        }
        entries.append(entry)
        if entries.count / 2 > most { order(most) }
    }

    private mutating func order(_ most: Int) {
        omitted += max(entries.count - most, 0)
        // Whoever wants only to know how many there are waits for no order. Entries are large: their places are sorted, and not they.
        let places = most > 0 ? entries.indices.sorted { isBefore($0, $1) } : []
        entries = places.prefix(most).map { entries[$0] }
    }

    /// What a client came for, and how that went.
    fileprivate typealias Fetch = (subject: FetchSubject, record: FetchRecord)

    /// What a client came for, by the path of the module that it belongs to.
    private static func groups(
        of client: ClientRecord,
        _ paths: [Digest: Set<String>],
        _ served: [String: RolloutModule]
    ) -> [String?: [Fetch]] {
        var groups: [String?: [Fetch]] = [:]
        for (subject, fetch) in client.fetches {
            let own = fetch.modules.filter { served[$0] != nil }
            let known: [String] =
                switch subject {
                case .digest(let digest): own.isEmpty ? mostly(paths[digest] ?? []) : own
                case .path(let path): served[path] == nil ? [] : [path]
                }
            for path in known { groups[path, default: []].append((subject, fetch)) }
            // Where there is only one module, whoever came for another digest, or has had the module, had that in mind.
            let isMeant = if case .digest = subject { true } else { client.hasHadAnything }
            if known.isEmpty {
                groups[served.count == 1 && isMeant ? served.keys.first : nil, default: []].append((subject, fetch))
            }
        }
        return groups
    }

    /// Of many paths that have the same bytes those that come first.
    private static func mostly(_ paths: Set<String>) -> [String] {
        paths.count <= FetchRecord.mostModules ? Array(paths) : Array(paths.sorted().prefix(FetchRecord.mostModules))
    }

    /// Whether the entry at a place comes before that at another.
    private func isBefore(_ first: Int, _ second: Int) -> Bool {
        let ranks = (entries[first].state.rank, entries[second].state.rank)
        guard ranks.0 == ranks.1 else { return ranks.0 < ranks.1 }
        let times = (entries[first].fetch.last.time, entries[second].fetch.last.time)
        guard times.0 == times.1 else { return times.0 > times.1 }
        let (name, other) = (entries[first].client.key.name, entries[second].client.key.name)
        return (name, entries[first].module ?? "") < (other, entries[second].module ?? "")
    }
}

extension Rollout.Entry {
    /// What a client has of one module, by its fetches; nil if they say neither that it has any bytes nor that it failed lately.
    fileprivate init?(
        _ client: ClientRecord,
        _ module: RolloutModule?,
        _ fetches: [Rollout.Fetch],
        since lately: Int64
    ) {
        guard let last = fetches.max(by: { $1.record.last.isAfter($0.record.last) }) else { return nil }
        let had = fetches.compactMap { Success($0, of: module) }.max(by: <)
        let failure = fetches.lazy.map(\.record.last).filter { $0.outcome.isFailure && $0.time >= lately }.map(\.time)
            .max()
        let time = last.record.last.time
        switch (had, failure) {
        case (nil, nil): return nil
        case (nil, _?): state = .failed
        case (let had?, let failure?) where failure > had.time: state = .failed
        case (let had?, _) where had.isCurrent: state = .current
        // Who came in the second of the change may have come before it.
        case (_?, _): state = time > module?.since ?? .max && time >= lately ? .behind : .missing
        }
        (self.client, self.module, digest) = (client, module?.path, had?.digest)
        (subject, fetch) = last
    }
}

/// That a client was given bytes.
private struct Success: Comparable {
    let time: Int64
    let isCurrent: Bool
    let digest: Digest

    /// What a fetch gave a client of a module; nil if nothing.
    init?(_ fetch: Rollout.Fetch, of module: RolloutModule?) {
        guard case .digest(let digest) = fetch.subject, let time = fetch.record.lastSuccess else { return nil }
        (self.time, isCurrent, self.digest) = (time, digest == module?.digest, digest)
    }

    /// The later one counts; of two at the same time that of what is served now, or else always the same one.
    static func < (first: Self, second: Self) -> Bool {
        guard first.time == second.time else { return first.time < second.time }
        guard first.isCurrent == second.isCurrent else { return second.isCurrent }
        return first.digest.hexadecimal < second.digest.hexadecimal
    }
}
