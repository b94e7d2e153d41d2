// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOPosix
internal import ServiceLifecycle
internal import Synchronization

/// Looks at the certificates and keys each second, so that new connections get the new ones.
///
/// What counts is what the files hold: times of change lie, and a mounted Secret is replaced by a link. The files are
/// small, so they are read each time.
package struct TLSReload: Service {
    /// How long after a look the next one is.
    private static let period = Duration.seconds(1)

    private let credentials: TLSCredentials
    private let observer: @Sendable (TLSEvent) -> Void
    private let looks: AsyncStream<Bool>
    private let continuation: AsyncStream<Bool>.Continuation

    /// Prepares the looks; ``run()`` begins them, and may be called once.
    ///
    /// - Parameters:
    ///   - credentials: What is to be kept up to date.
    ///   - observer: Is told what happens, on a thread where it should not wait long.
    package init(_ credentials: TLSCredentials, observer: @escaping @Sendable (TLSEvent) -> Void) {
        self.credentials = credentials
        self.observer = observer
        // Looks may wait for a volume: those that are due meanwhile are one look.
        (looks, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
    }

    /// Looks at once, and tells how things are even if nothing is new; it does not wait for that.
    package func reloadNow() {
        continuation.yield(true)
    }

    /// Looks until a graceful shutdown begins.
    package func run() async {
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                group.addTask {
                    while (try? await Task.sleep(for: Self.period)) != nil { continuation.yield(false) }
                }
                for await afresh in looks { await look(afresh: afresh) }
            }
        }
    }

    /// Files are read by a thread that may wait, which neither an event loop nor one of Swift's own may.
    private func look(afresh: Bool) async {
        let events = try? await NIOThreadPool.singleton.runIfActive { credentials.look(afresh: afresh) }
        for event in events ?? [] { observer(event) }
    }
}
