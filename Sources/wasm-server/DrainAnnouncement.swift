// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Logging
internal import Operations
internal import ServiceLifecycle

/// The first service to hear of a shutdown: from that moment the server is not ready, and everyone gets the time to notice.
///
/// The ports go on as before meanwhile: gateways that have not heard of it yet are not refused.
struct DrainAnnouncement: Service {
    let readiness: Readiness
    let delay: Duration
    let logger: Logger

    func run() async throws {
        try await gracefulShutdown()
        readiness.drain()
        logger.info("not ready any more", metadata: ["drain_delay": .stringConvertible(delay)])
        try? await Task.sleep(for: delay)
        logger.info("draining")
    }
}
