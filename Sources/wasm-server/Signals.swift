// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ServiceLifecycle
internal import UnixSignals

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The signals that end the server.
///
/// They are trapped before modules are loaded, so that one that comes meanwhile is not lost; for the first process of a
/// container it would be. It takes effect when they are loaded.
struct Signals {
    private static let trapped: [UnixSignal] = [.sigterm, .sigint]

    /// Begins a graceful shutdown: where it ends, the group of services does.
    let first: FirstSignal
    /// Ends the process.
    let second: SecondSignal

    /// Traps the signals.
    static func trap() async -> Signals {
        Signals(
            first: FirstSignal(signals: await UnixSignalsSequence(trapping: trapped)),
            second: SecondSignal(signals: await UnixSignalsSequence(trapping: trapped))
        )
    }
}

/// Lasts until the first signal.
struct FirstSignal: Service {
    fileprivate let signals: UnixSignalsSequence

    func run() async throws {
        for await _ in signals.cancelOnGracefulShutdown() { return }
    }
}

/// Ends the process at the second signal: whoever sends it does not want to wait for downloads.
///
/// It is the last service to hear of a shutdown, so it listens for as long as the others drain.
struct SecondSignal: Service {
    fileprivate let signals: UnixSignalsSequence

    /// What a shell adds to a signal's number for the status of a process that it ended.
    private static let statusBase: Int32 = 128

    func run() async throws {
        var count = 0
        for await signal in signals.cancelOnGracefulShutdown() {
            count += 1
            if count == 2 { exit(Self.statusBase + signal.number) }
        }
    }
}

extension UnixSignal {
    fileprivate var number: Int32 { self == .sigint ? SIGINT : SIGTERM }
}
