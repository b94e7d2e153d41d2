// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Logging
internal import Operations
internal import ServiceLifecycle

/// The first service to hear of a shutdown: from that moment the server is not ready.
struct DrainAnnouncement: Service {
    let readiness: Readiness
    let logger: Logger

    func run() async throws {
        try await gracefulShutdown()
        readiness.drain()
        logger.info("draining")
    }
}
