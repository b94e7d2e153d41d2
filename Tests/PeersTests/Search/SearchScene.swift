// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import ModuleCatalog
import NIOCore
import Peers
import ServerClient
import Synchronization

@testable import Peers

/// A search among fake peers, which is in no hurry unless a test wants it to be.
struct SearchScene {
    /// How long things take.
    struct Timing {
        /// How long a peer may take to list its modules.
        var list = Duration.seconds(600)
        var search = SearchTiming(interval: .zero, deadline: .seconds(600), freshness: .zero)
        var fetch = PeerFetch.Timing(deadline: .seconds(600), hedgingDelay: .seconds(600))
        var stall = Duration.seconds(600)
    }

    let search: PeerSearch
    let store: FakeModuleStore
    let log: EventLog

    /// Searches while `body` runs.
    static func with(
        _ names: [ServerName],
        port: Int = 1,
        resolver: CachingResolver = .unhurried(),
        callers: RecentCallers = .unhurried(),
        store: FakeModuleStore = FakeModuleStore(),
        timing: Timing = Timing(),
        _ body: nonisolated(nonsending) (SearchScene) async throws -> Void
    ) async throws {
        let log = EventLog()
        let client = PeerClient.unhurried(stall: timing.stall)
        let search = PeerSearch(
            listingRound: .unhurried(
                names,
                port: port,
                resolver: resolver,
                callers: callers,
                client: client,
                deadline: timing.list,
                observer: log
            ),
            callers: callers,
            client: client,
            store: store,
            observer: log,
            timing: timing.search,
            fetchTiming: timing.fetch
        )
        let running = Task { await search.run() }
        do {
            try await body(SearchScene(search: search, store: store, log: log))
        } catch {
            running.cancel()
            await running.value
            throw error
        }
        running.cancel()
        await running.value
    }

    /// The bytes that a search comes to; nil for none.
    func blob(of digest: Digest) async -> SealedBlob? {
        await withCheckedContinuation { continuation in
            search.search(for: digest, from: "192.0.2.1", holding: 0) { outcome in
                guard case .found(let blob) = outcome else {
                    continuation.resume(returning: nil)
                    return
                }
                continuation.resume(returning: blob)
            }
        }
    }

    /// What a search comes to, in a word.
    func find(_ digest: Digest) async -> PeerEvent.Answer {
        await withCheckedContinuation { continuation in
            search.search(for: digest, from: "192.0.2.1", holding: 0) { outcome in
                switch outcome {
                case .found(let blob): continuation.resume(returning: blob.digest == digest ? .found : .unknown)
                case .unknown: continuation.resume(returning: .unknown)
                case .unavailable: continuation.resume(returning: .unavailable)
                }
            }
        }
    }
}
