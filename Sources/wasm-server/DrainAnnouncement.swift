// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Logging
internal import Operations
internal import ServiceLifecycle
internal import UnixSignals

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The first to hear of a shutdown: from that moment the server is not ready, and a second signal ends it at once.
struct DrainAnnouncement: Service {
    let readiness: Readiness
    let logger: Logger

    /// What a shell reports for a process that SIGTERM ended.
    private static let terminatedStatus: Int32 = 128 + 15

    func run() async throws {
        try await gracefulShutdown()
        readiness.drain()
        logger.info("draining")
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        // It outlives this service on purpose: it is for as long as the others drain.
        Task.detached {
            for await _ in signals { exit(Self.terminatedStatus) }
        }
    }
}
