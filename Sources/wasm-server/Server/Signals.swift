// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import Logging
internal import ServiceLifecycle
internal import Synchronization
internal import UnixSignals

/// The signals that end the server.
///
/// They are trapped before modules are loaded, so that one that comes meanwhile is not lost; for the first process of a
/// container it would be.
struct Signals {
    private static let terminating: [UnixSignal] = [.sigterm, .sigint]

    /// What began the shutdown.
    let ending: Ending
    /// Begins a graceful shutdown: where it ends, the group of services does.
    let first: FirstSignal
    /// Ends the process.
    let second: SecondSignal
    /// Asks for a look at the sources and at the files of TLS.
    let hangup: UnixSignalsSequence
    /// Asks other servers to reopen their logs, and would end the process.
    let reopening: UnixSignalsSequence

    private let beforeExit: @Sendable () -> Void
    private let whileStarting: UnixSignalsSequence

    /// Listens to the signals; before one ends the process, `beforeExit` is done.
    static func trap(beforeExit: @escaping @Sendable () -> Void) async -> Signals {
        let ending = Ending()
        return Signals(
            ending: ending,
            first: FirstSignal(signals: await UnixSignalsSequence(trapping: terminating), ending: ending),
            second: SecondSignal(signals: await UnixSignalsSequence(trapping: terminating), beforeExit: beforeExit),
            hangup: await UnixSignalsSequence(trapping: .sighup),
            reopening: await UnixSignalsSequence(trapping: .sigusr1, .sigusr2),
            beforeExit: beforeExit,
            whileStarting: await UnixSignalsSequence(trapping: terminating)
        )
    }

    /// Ends the process at once on a signal while nothing is served, until the task that this returns is cancelled.
    func endAtOnce(_ logger: Logger) -> Task<Void, Never> {
        Task {
            for await signal in whileStarting {
                logger.notice("stopped by a signal before it was ready", metadata: ["signal": "\(signal)"])
                beforeExit()
                exit(statusBase + signal.number)
            }
        }
    }
}

/// What a shell adds to a signal's number for the status of a process that it ended.
private let statusBase: Int32 = 128

/// Lasts until the first signal.
struct FirstSignal: Service {
    fileprivate let signals: UnixSignalsSequence
    fileprivate let ending: Ending

    func run() async throws {
        for await signal in signals.cancelOnGracefulShutdown() {
            if signal == .sigint { ending.interrupt() }
            return
        }
    }
}

/// Ends the process at the second signal: whoever sends it does not want to wait for downloads.
///
/// It is the last service to hear of a shutdown, so it listens for as long as the others drain.
struct SecondSignal: Service {
    fileprivate let signals: UnixSignalsSequence
    fileprivate let beforeExit: @Sendable () -> Void

    func run() async throws {
        var count = 0
        for await signal in signals.cancelOnGracefulShutdown() {
            count += 1
            if count == 2 {
                beforeExit()
                exit(statusBase + signal.number)
            }
        }
    }
}

/// Looks at files anew when a SIGHUP asks for it.
struct HangupSignal: Service {
    let signals: UnixSignalsSequence
    let logger: Logger
    /// Looks at the files anew.
    let reload: @Sendable () -> Void

    func run() async throws {
        for await _ in signals.cancelOnGracefulShutdown() {
            logger.info("SIGHUP: checking all files")
            reload()
        }
    }
}

/// Says that nothing is to be reopened, where a signal asks for it as servers with log files have it.
struct ReopeningSignal: Service {
    let signals: UnixSignalsSequence
    let logger: Logger

    func run() async throws {
        for await signal in signals.cancelOnGracefulShutdown() {
            logger.info("\(signal) is ignored: logs go to standard error, which needs no reopening")
        }
    }
}

extension UnixSignal {
    fileprivate var number: Int32 { self == .sigint ? SIGINT : SIGTERM }
}

/// Who began a shutdown: whoever runs the server, or a person at a terminal.
///
/// A person who presses Ctrl-C does not wait for endpoints to propagate.
final class Ending: Sendable {
    private let isInterruption = Atomic(false)

    /// Notes that the signal is SIGINT.
    func interrupt() {
        isInterruption.store(true, ordering: .releasing)
    }

    /// Whether it was SIGINT.
    var isInterrupted: Bool { isInterruption.load(ordering: .acquiring) }
}
