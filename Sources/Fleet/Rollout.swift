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
}

/// A module as rollouts see it.
package struct RolloutModule: Hashable, Sendable {
    /// Where it is served.
    package let path: String
    /// What is served there; nil if nothing is.
    package let digest: Digest?
    /// Since when, in seconds since 1970.
    package let since: Int64
    /// What was served there before, as far as that is known.
    package let formerly: Set<Digest>

    /// A module from its parts.
    package init(path: String, digest: Digest?, since: Int64, formerly: Set<Digest> = []) {
        (self.path, self.digest, self.since, self.formerly) = (path, digest, since, formerly)
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
    package let entries: [Entry]

    /// How long someone came lately, in seconds: a gateway that was replaced does not count for longer among those that want something.
    static let lately: Int64 = 24 * 3600

    /// What clients have of modules, at a time in seconds since 1970.
    package init(of modules: [RolloutModule], _ clients: [ClientRecord], now: Int64) {
        let served = Dictionary(modules.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        var paths: [Digest: Set<String>] = [:]
        for module in modules {
            for digest in module.formerly.union(module.digest.map { [$0] } ?? []) {
                paths[digest, default: []].insert(module.path)
            }
        }
        // What peers tell of one client says nothing of another.
        for case (.digest(let digest), let fetch) in clients.lazy.flatMap(\.fetches) where fetch.teller == nil {
            for path in fetch.modules where served[path] != nil { paths[digest, default: []].insert(path) }
        }
        entries = clients.flatMap { client in
            Self.groups(of: client, paths, served).compactMap { path, fetches in
                Entry(client, path.flatMap { served[$0] }, fetches, since: now - Self.lately)
            }
        }
        .sorted(by: Self.isBefore)
    }

    /// How many gateways are in each state, by the module's path.
    package var counts: [String: [ClientState: Int]] {
        entries.reduce(into: [:]) { counts, entry in
            guard let module = entry.module, entry.client.key.kind.isGateway else { return }
            counts[module, default: [:]][entry.state, default: 0] += 1
        }
    }

    /// What a client came for, by the path of the module that it belongs to.
    private static func groups(
        of client: ClientRecord,
        _ paths: [Digest: Set<String>],
        _ served: [String: RolloutModule]
    ) -> [String?: [FetchSubject: FetchRecord]] {
        var groups: [String?: [FetchSubject: FetchRecord]] = [:]
        for (subject, fetch) in client.fetches {
            let own = fetch.modules.filter { served[$0] != nil }
            let known: [String] =
                switch subject {
                case .digest(let digest): own.isEmpty ? mostly(paths[digest] ?? []) : own
                case .path(let path): served[path] == nil ? [] : [path]
                }
            for path in known { groups[path, default: [:]][subject] = fetch }
            // Where there is only one module, whoever came for another digest, or has had the module, had that in mind.
            let isMeant = if case .digest = subject { true } else { client.hasHadAnything }
            if known.isEmpty {
                groups[served.count == 1 && isMeant ? served.keys.first : nil, default: [:]][subject] = fetch
            }
        }
        return groups
    }

    /// Of many paths that have the same bytes those that come first.
    private static func mostly(_ paths: Set<String>) -> [String] {
        paths.count <= FetchRecord.mostModules ? Array(paths) : Array(paths.sorted().prefix(FetchRecord.mostModules))
    }

    private static func isBefore(_ first: Entry, _ second: Entry) -> Bool {
        let order = { (entry: Entry) in
            (
                ClientState.allCases.firstIndex(of: entry.state) ?? 0, -entry.fetch.last.time, entry.client.key.name,
                entry.module ?? ""
            )
        }
        return order(first) < order(second)
    }
}

extension Rollout.Entry {
    /// What a client has of one module, by its fetches; nil if they say neither that it has any bytes nor that it failed lately.
    fileprivate init?(
        _ client: ClientRecord,
        _ module: RolloutModule?,
        _ fetches: [FetchSubject: FetchRecord],
        since lately: Int64
    ) {
        guard let last = fetches.max(by: { $1.value.last.isAfter($0.value.last) }) else { return nil }
        let had = fetches.compactMap { subject, fetch -> (time: Int64, isCurrent: Bool, digest: Digest)? in
            guard case .digest(let digest) = subject, let time = fetch.lastSuccess else { return nil }
            return (time, digest == module?.digest, digest)
        }
        .max {
            ($0.time, $0.isCurrent ? 1 : 0, $0.digest.hexadecimal) < (
                $1.time, $1.isCurrent ? 1 : 0, $1.digest.hexadecimal
            )
        }
        let failure = fetches.values.filter { $0.last.outcome.isFailure && $0.last.time >= lately }.map(\.last.time)
            .max()
        let time = last.value.last.time
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
