// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
package import ServerInterface

extension Fleet {
    /// How much is told at a time of clients, and how much of modules, in bytes about.
    private static let newsSize = 1 << 20

    /// What another replica has not been told yet.
    ///
    /// - Parameters:
    ///   - revision: What it was told to ask with; 0 for everything.
    ///   - instance: Tells this process from others.
    /// - Returns: News, at most as much as is told at a time.
    package func news(after revision: Int, of instance: String) -> FleetNews {
        let (changes, modules) = changes(after: revision)
        var (told, size): ([FleetNews.Client], Int) = ([], 0)
        for change in changes {
            guard size < Self.newsSize else { break }
            told.append(FleetNews.Client(change.client))
            size += change.client.byteCount
        }
        let isAll = told.count == changes.count
        let last = told.isEmpty ? revision : changes[told.count - 1].revision
        return FleetNews(
            instance: instance,
            time: now(),
            // Who asks behind the last of several parts is told of modules with each.
            revision: isAll ? max(last, modules?.revision ?? 0) : last,
            hasMore: !isAll,
            clients: told,
            modules: Self.told(modules?.all ?? [])
        )
    }

    private static func told(_ modules: [RolloutModule]) -> [FleetNews.Module] {
        var size = 0
        return modules.compactMap { module in
            module.digest.map { .init(path: module.path, sha256: $0.hexadecimal, since: module.since) }
        }
        .prefix { module in
            size += 128 + module.path.utf8.count
            return size < newsSize
        }
    }

    /// Takes in what another replica tells: a claim, of which only what can be shown is taken.
    ///
    /// - Parameters:
    ///   - news: What it tells.
    ///   - peer: Who it is.
    package func merge(_ news: FleetNews, from peer: String) {
        let now = now()
        merge(news.modules)
        merge(news.clients.prefix(limits.clients).compactMap { ClientRecord($0, toldBy: peer, now: now) })
    }
}

extension FleetNews.Client {
    fileprivate init(_ record: ClientRecord) {
        self.init(
            record.key.name,
            identifiedBy: record.key.evidence.rawValue,
            kind: record.key.kind.rawValue,
            userAgent: record.userAgent,
            fetches: record.fetches.map { subject, fetch in
                FleetNews.Fetch(
                    of: subject.text,
                    modules: fetch.modules,
                    first: fetch.first,
                    last: fetch.last.time,
                    lastSuccess: fetch.lastSuccess,
                    outcome: fetch.last.outcome.rawValue,
                    status: fetch.last.status,
                    protocol: fetch.last.version
                )
            }
        )
    }
}

extension ClientRecord {
    /// About how many bytes it takes to tell of it.
    fileprivate var byteCount: Int {
        fetches.values.reduce(512) { $0 + 256 + $1.modules.reduce(0) { $0 + $1.utf8.count } }
    }

    /// A client that a peer tells of; nil if there is nothing of it that can be shown.
    fileprivate init?(_ client: FleetNews.Client, toldBy peer: String, now: Int64) {
        guard let evidence = ClientKey.Evidence(rawValue: client.identifiedBy), !client.client.isEmpty else {
            return nil
        }
        let fetches = client.fetches.prefix(Self.mostFetches).compactMap { fetch in
            FetchRecord(fetch, toldBy: peer, now: now).map { (FetchSubject(fetch.asked), $0) }
        }
        let kind = ClientKind(rawValue: client.kind) ?? .other
        self.init(
            ClientKey(evidence, client.client, kind),
            userAgent: client.userAgent,
            Dictionary(fetches) { first, _ in first }
        )
    }
}

extension FetchSubject {
    /// What a text stands for.
    fileprivate init(_ text: String) {
        self = Digest(hexadecimal: text).map { .digest($0) } ?? .path(text.beginning(ofBytes: Self.longestPath))
    }
}

extension FetchRecord {
    private static let longestVersion = 16

    /// A fetch that a peer tells of, in which times to come are taken for now; nil if it is none.
    fileprivate init?(_ fetch: FleetNews.Fetch, toldBy peer: String, now: Int64) {
        guard let outcome = FetchOutcome(rawValue: fetch.outcome), fetch.first >= 0, fetch.first <= fetch.last,
            (100...599).contains(fetch.status)
        else { return nil }
        self.init(
            first: min(fetch.first, now),
            last: Fetch(
                at: min(fetch.last, now),
                outcome,
                status: fetch.status,
                version: fetch.protocol.beginning(ofBytes: Self.longestVersion)
            ),
            lastSuccess: fetch.lastSuccess.map { min(max($0, 0), fetch.last, now) },
            modules: fetch.modules.filter { $0.utf8.count <= Self.longestModule },
            teller: peer
        )
    }
}
