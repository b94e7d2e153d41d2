// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPTransport
internal import Logging
internal import Operations
internal import ServiceLifecycle

/// The first service to hear of a shutdown: the server is not ready from then on, and everyone gets time to notice.
///
/// The ports go on as before meanwhile: gateways that have not heard of it yet are not rejected. On Ctrl-C there is
/// nobody to wait for but the person who pressed it, who learns what is happening, and how to end it.
struct DrainAnnouncement: Service {
    let readiness: Readiness
    let ending: Ending
    let settings: Settings
    let logger: Logger

    func run() async throws {
        try await gracefulShutdown()
        readiness.drain()
        let delay = ending.isInterrupted ? .zero : settings.drainDelay
        if settings.logFormat == .text { StandardStream.error.say(Self.farewell(delay, settings.drainTimeout)) }
        logger.info("no longer ready", metadata: ["drain_delay": .stringConvertible(delay)])
        try? await Task.sleep(for: delay)
        logger.info("draining")
    }

    /// The words for a person at a terminal.
    private static func farewell(_ delay: Duration, _ timeout: Duration) -> String {
        let start = delay > .zero ? "stopping in \(TimeSpan.text(delay)) (\(Setting.drainDelay.flag))" : "stopping"
        return """
            wasm-server: \(start); downloads under way get \(TimeSpan.text(timeout)) (\(Setting.drainTimeout.flag)). Ctrl-C again \
            ends at once.
            """
    }
}

/// The ports that serve modules: they drain together.
struct DataPorts: Service {
    let servers: [HTTPServer]

    func run() async throws {
        try await withThrowingTaskGroup { group in
            for server in servers { group.addTask { try await server.run() } }
            try await group.waitForAll()
        }
    }
}
