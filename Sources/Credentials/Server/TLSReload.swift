// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Dispatch
internal import ServiceLifecycle
internal import Synchronization

/// Looks at the certificates and keys each second, so that new connections get the new ones.
///
/// What counts is what the files hold: times of change lie, and a mounted Secret is replaced by a link. The files are
/// small, so they are read each time.
///
/// Looks may wait for a volume, however long: they have a thread of their own, and nobody waits for them, least of all a shutdown.
package final class TLSReload: Service {
    private struct State {
        /// Since when the look that is under way has taken; nil if there is none.
        var began: ContinuousClock.Instant?
        /// Whether someone has asked to be told how things are since the last look began.
        var isAsked = false
    }

    /// How often there is a look, unless one is under way.
    private static let period = Duration.seconds(1)

    private let look: @Sendable (_ afresh: Bool) -> [TLSEvent]
    private let observer: @Sendable (TLSEvent) -> Void
    private let watcher: @Sendable (Duration?) -> Void
    private let state = Mutex(State())
    private let thread = DispatchQueue(label: "wasm-server.tls-files")

    /// Prepares the looks; ``run()`` begins them.
    ///
    /// - Parameters:
    ///   - credentials: What is kept up to date.
    ///   - observer: Is told what happens, on a thread where it should not wait long.
    ///   - watcher: Is told each second how long the look that is under way has taken; nil if there is none.
    package convenience init(
        _ credentials: TLSCredentials,
        observer: @escaping @Sendable (TLSEvent) -> Void,
        watcher: @escaping @Sendable (Duration?) -> Void = { _ in }
    ) {
        self.init(look: credentials.look(afresh:), observer: observer, watcher: watcher)
    }

    /// Prepares looks that are made in some way.
    init(
        look: @escaping @Sendable (_ afresh: Bool) -> [TLSEvent],
        observer: @escaping @Sendable (TLSEvent) -> Void,
        watcher: @escaping @Sendable (Duration?) -> Void
    ) {
        self.look = look
        self.observer = observer
        self.watcher = watcher
    }

    /// Looks at once, or as soon as the look that is under way has ended, and tells how things are even if nothing is new; it does
    /// not wait for that.
    package func reloadNow() {
        state.withLock { $0.isAsked = true }
        lookUnlessBusy()
    }

    /// Looks until a graceful shutdown begins.
    package func run() async {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: Self.period)) != nil {
                self.watcher(self.state.withLock { state in state.began.map { .now - $0 } })
                self.lookUnlessBusy()
            }
        }
    }

    private func lookUnlessBusy() {
        let afresh: Bool? = state.withLock { state in
            guard state.began == nil else { return nil }
            state.began = .now
            defer { state.isAsked = false }
            return state.isAsked
        }
        guard let afresh else { return }
        thread.async { [self] in
            for event in look(afresh) { observer(event) }
            let isAsked = state.withLock { state in
                state.began = nil
                return state.isAsked
            }
            if isAsked { lookUnlessBusy() }
        }
    }
}
