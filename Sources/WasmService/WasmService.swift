// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
package import HTTPSemantics
internal import HTTPService
package import ModuleCatalog
internal import ServerInterface
internal import Synchronization

/// The data port's answers: modules by name and by digest, their digests, the list of them.
///
/// Whatever a client could ask for is rendered when the snapshot is; a hit is a look-up. Each event loop looks things up in a
/// responder of its own, so that they need not wait for each other.
package final class WasmService: Sendable {
    private struct State {
        var snapshot: Snapshot
        /// How often everything was rendered.
        var edition = 0
        /// When each module was last fetched, as the list tells it or earlier.
        var listed: [Int64?]
        /// Whether something else is kept than the list tells.
        var listIsOutdated = false
        var table: RouteTable
        var responders: [WasmResponder] = []
    }

    /// How many bytes all lists may take that are still being sent, before those who ask get one that is there.
    private static let mostListBytes = 16 << 20

    private let instance: String
    private let operationsPort: Int?
    private let search: (any DigestSearch)?
    private let families: [any RouteFamily]
    private let now: @Sendable () -> HTTPDate
    private let state: Mutex<State>
    private let nextList: NextList
    private let lists: DocumentVersions
    /// Held while a list is rendered because it is outdated, so that this is done for one at a time.
    private let rendering = Mutex(())

    /// Answers from a snapshot.
    ///
    /// - Parameters:
    ///   - snapshot: What is served.
    ///   - instance: Tells this process from its peers, in `/modules`.
    ///   - operationsPort: Where it tells of its clients, in `/modules`, too; nil if nobody is to know.
    ///   - search: Looks elsewhere for digests that are not here; nil if there is no elsewhere.
    ///   - now: Tells the present, for conditions on dates.
    package convenience init(
        serving snapshot: Snapshot,
        instance: String = "",
        operationsPort: Int? = nil,
        search: (any DigestSearch)? = nil,
        now: @escaping @Sendable () -> HTTPDate
    ) {
        self.init(
            serving: snapshot,
            by: Self.families(search: search, now: now),
            instance: instance,
            operationsPort: operationsPort,
            search: search,
            now: now
        )
    }

    /// What answers, in the order in which they are asked where nothing is prepared; the last one answers at every path.
    static func families(
        search: (any DigestSearch)?,
        now: @escaping @Sendable () -> HTTPDate
    ) -> [any RouteFamily] {
        [HealthRoute(), ManifestRoutes(now: now), DigestRoutes(search: search, now: now), ModuleRoutes()]
    }

    /// Answers from a snapshot by families of paths.
    init(
        serving snapshot: Snapshot,
        by families: [any RouteFamily],
        instance: String = "",
        operationsPort: Int? = nil,
        search: (any DigestSearch)? = nil,
        now: @escaping @Sendable () -> HTTPDate
    ) {
        self.families = families
        (self.instance, self.operationsPort) = (instance, operationsPort)
        self.search = search
        self.now = now
        nextList = NextList(now: now)
        lists = DocumentVersions(limit: Self.mostListBytes)
        state = Mutex(
            State(
                snapshot: snapshot,
                listed: snapshot.lastFetches,
                table: RouteTable(
                    snapshot,
                    by: families,
                    list: ModuleIndex(snapshot, instance: instance, operationsPort: operationsPort)
                        .representation(in: lists),
                    now: now()
                )
            )
        )
    }

    /// Makes what answers the requests of one event loop of one listener.
    ///
    /// - Parameter isSecure: Whether the listener speaks TLS.
    /// - Returns: The responder; it is told of every other snapshot.
    package func responder(isSecure: Bool = false) -> WasmResponder {
        state.withLock { state in
            let responder = WasmResponder(state.table, families: families, search: search, isSecure: isSecure, now: now)
            {
                [weak self] request in self?.answerWithNextList(request)
            }
            state.responders.append(responder)
            return responder
        }
    }

    /// Answers from another snapshot from now on.
    ///
    /// Once one event loop has given an answer from it, none gives one from the last any more.
    package func serve(_ snapshot: Snapshot) {
        let listed = snapshot.lastFetches
        let table = RouteTable(snapshot, by: families, list: list(of: snapshot), now: now())
        replaceTable { state in
            state.snapshot = snapshot
            state.edition += 1
            state.listed = listed
            state.listIsOutdated = false
            state.table = table
        }
    }

    /// Serves what else is kept from now on.
    ///
    /// What is served by name stays as it is rendered, and the list is rendered anew when someone asks for it, or a little later.
    ///
    /// - Parameter change: A change of nothing but what is kept.
    package func keep(_ change: CatalogChange) {
        replaceTable { state in
            state.snapshot = change.snapshot
            state.listIsOutdated = true
            state.table.drop(change.dropped.map(\.module), now: now())
            state.table.keep(change.adopted, now: now())
            state.table.setList(state.table.list, isCurrent: false)
        }
    }

    private func replaceTable(_ change: (inout State) -> Void) {
        let former = state.withLock { state in
            let former = state.table
            change(&state)
            WasmResponder.replaceTables(of: state.responders[...], by: state.table)
            return former
        }
        // It is freed here, where no event loop waits for that.
        withExtendedLifetime(former) {}
    }

    // MARK: The list

    private func list(of snapshot: Snapshot) -> Representation {
        ModuleIndex(snapshot, instance: instance, operationsPort: operationsPort).representation(in: lists)
    }

    /// Tells in the list when modules were last fetched, if any was since it was rendered, and what is kept.
    package func renewList() {
        let isDue = state.withLock { $0.listIsOutdated || $0.snapshot.lastFetches != $0.listed }
        if isDue, lists.haveRoom { _ = renderedList() }
    }

    /// The promise of an answer with the list as it should be; nil if there are too many lists already that are being sent.
    private func answerWithNextList(_ request: Request) -> DeferredResponse? {
        guard lists.haveRoom else { return nil }
        return nextList.answer(to: request) { self.renderedList() }
    }

    private func renderedList() -> Representation {
        rendering.withLock { _ in
            let (snapshot, edition) = state.withLock { state in
                state.listed = state.snapshot.lastFetches
                state.listIsOutdated = false
                return (state.snapshot, state.edition)
            }
            let list = list(of: snapshot)
            replaceTable { state in
                // If everything was rendered anew meanwhile, then that with it.
                if state.edition == edition { state.table.setList(list, isCurrent: !state.listIsOutdated) }
            }
            return state.withLock { $0.table.list }
        }
    }
}

extension Snapshot {
    /// When each module was last fetched, in seconds since 1970.
    fileprivate var lastFetches: [Int64?] { modules.map(\.lastFetch.date) + kept.map(\.lastFetch.date) }
}
