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

/// Ends the process at the second signal: whoever sends it does not want to wait for downloads.
///
/// It is the last service to hear of a shutdown, so it listens for as long as the others drain.
struct SecondSignal: Service {
    /// The signals that end the server.
    static let signals: [UnixSignal] = [.sigterm, .sigint]

    /// What a shell adds to a signal's number for the status of a process that it ended.
    private static let statusBase: Int32 = 128

    func run() async throws {
        var count = 0
        for await signal in await UnixSignalsSequence(trapping: Self.signals).cancelOnGracefulShutdown() {
            count += 1
            if count == 2 { exit(Self.statusBase + signal.number) }
        }
    }
}

extension UnixSignal {
    fileprivate var number: Int32 { self == .sigint ? SIGINT : SIGTERM }
}
