// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Dispatch
internal import ServiceLifecycle
internal import Synchronization
internal import Ticks

/// Reads the certificates and keys each second, so that new connections get the new ones.
///
/// What counts is what the files hold: times of change lie, and a mounted Secret is replaced by a link. The files are
/// small, so they are read each time.
///
/// Reading may wait for a volume, however long: it has a thread of its own, and nobody waits for it, least of all a shutdown.
package final class TLSReload: Service {
    private struct State {
        /// When the check that is under way began; nil if there is none.
        var began: ContinuousClock.Instant?
        /// Whether someone has asked to be told how things are since the last check began.
        var isAsked = false
    }

    /// How often there is a check, unless one is under way.
    private static let period = Duration.seconds(1)

    private let reload: @Sendable (_ tellingAll: Bool) -> [TLSEvent]
    private let observer: @Sendable (TLSEvent) -> Void
    private let watcher: @Sendable (Duration?) -> Void
    private let state = Mutex(State())
    private let thread = DispatchQueue(label: "wasm-server.tls-files")

    /// Prepares the checks; ``run()`` begins them.
    ///
    /// - Parameters:
    ///   - credentials: What is kept up to date.
    ///   - observer: Is told what happens, on a thread where it should not wait long.
    ///   - watcher: Is told each second how long the check that is under way has taken; nil if there is none.
    package convenience init(
        _ credentials: TLSCredentials,
        observer: @escaping @Sendable (TLSEvent) -> Void,
        watcher: @escaping @Sendable (Duration?) -> Void = { _ in }
    ) {
        self.init(reload: credentials.reload(tellingAll:), observer: observer, watcher: watcher)
    }

    /// Prepares checks that are made in some way.
    init(
        reload: @escaping @Sendable (_ tellingAll: Bool) -> [TLSEvent],
        observer: @escaping @Sendable (TLSEvent) -> Void,
        watcher: @escaping @Sendable (Duration?) -> Void
    ) {
        self.reload = reload
        self.observer = observer
        self.watcher = watcher
    }

    /// Reloads at once, or as soon as the check that is under way has ended, and tells how things are even if nothing is new; it does
    /// not wait for that.
    package func reloadNow() {
        state.withLock { $0.isAsked = true }
        reloadUnlessBusy()
    }

    /// Reloads until a graceful shutdown begins.
    package func run() async {
        await cancelWhenGracefulShutdown {
            await Ticks.each(Self.period) {
                self.watcher(self.state.withLock { state in state.began.map { .now - $0 } })
                self.reloadUnlessBusy()
            }
        }
    }

    private func reloadUnlessBusy() {
        let tellingAll: Bool? = state.withLock { state in
            guard state.began == nil else { return nil }
            state.began = .now
            defer { state.isAsked = false }
            return state.isAsked
        }
        guard let tellingAll else { return }
        thread.async { [self] in
            for event in reload(tellingAll) { observer(event) }
            let isAsked = state.withLock { state in
                state.began = nil
                return state.isAsked
            }
            if isAsked { reloadUnlessBusy() }
        }
    }
}
