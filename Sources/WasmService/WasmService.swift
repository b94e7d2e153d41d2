// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
package import HTTPSemantics
package import ModuleCatalog
internal import Synchronization

/// The data port's answers: modules by name and by digest, their digests, the list of them.
///
/// Whatever a client could ask for is rendered when the snapshot is; a hit is a look-up. Each event loop looks things up in a
/// responder of its own, so that they need not wait for each other.
package final class WasmService: Sendable {
    private struct State {
        var snapshot: Snapshot
        /// When each module was last fetched, as the list tells it or earlier.
        var listed: [Int64?]
        var table: RouteTable
        var responders: [WasmResponder] = []
    }

    private let instance: String
    private let search: (any DigestSearch)?
    private let now: @Sendable () -> HTTPDate
    private let state: Mutex<State>

    /// Answers from a snapshot.
    ///
    /// - Parameters:
    ///   - snapshot: What is served.
    ///   - instance: Tells this process from its peers, in `/modules`.
    ///   - search: Looks elsewhere for digests that are not here; nil if there is no elsewhere.
    ///   - now: Tells the present, for conditions on dates.
    package init(
        serving snapshot: Snapshot,
        instance: String = "",
        search: (any DigestSearch)? = nil,
        now: @escaping @Sendable () -> HTTPDate
    ) {
        self.instance = instance
        self.search = search
        self.now = now
        state = Mutex(
            State(
                snapshot: snapshot,
                listed: snapshot.lastFetches,
                table: RouteTable(snapshot, instance: instance, now: now())
            )
        )
    }

    /// Makes what answers the requests of one event loop of one listener.
    ///
    /// - Parameter isSecure: Whether the listener speaks TLS.
    /// - Returns: The responder; it is told of every other snapshot.
    package func responder(isSecure: Bool = false) -> WasmResponder {
        state.withLock { state in
            let responder = WasmResponder(state.table, search: search, isSecure: isSecure, now: now)
            state.responders.append(responder)
            return responder
        }
    }

    /// Answers from another snapshot from now on.
    ///
    /// Once one event loop has given an answer from it, none gives one from the last any more.
    package func serve(_ snapshot: Snapshot) {
        let listed = snapshot.lastFetches
        let table = RouteTable(snapshot, instance: instance, now: now())
        let former = state.withLock { state in
            let former = state.table
            state.snapshot = snapshot
            state.listed = listed
            state.table = table
            WasmResponder.replaceTables(of: state.responders[...], by: table)
            return former
        }
        // It is freed here, where no event loop waits for that.
        withExtendedLifetime(former) {}
    }

    /// Tells in the list when modules were last fetched, if any was since it was rendered.
    package func renewList() {
        state.withLock { state in
            let lastFetches = state.snapshot.lastFetches
            guard lastFetches != state.listed else { return }
            state.listed = lastFetches
            state.table.renderList(of: state.snapshot, instance: instance)
            WasmResponder.replaceTables(of: state.responders[...], by: state.table)
        }
    }
}

extension Snapshot {
    /// When each module was last fetched, in seconds since 1970.
    fileprivate var lastFetches: [Int64?] { modules.map(\.lastFetch.date) + kept.map(\.lastFetch.date) }
}
