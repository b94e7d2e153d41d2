// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import Content
internal import HTTPSemantics
internal import HTTPTransport
internal import Logging
internal import ModuleCatalog
internal import Operations
internal import ServiceLifecycle
internal import UnixSignals
internal import WasmService

/// One life of the server.
///
/// 1. Every source is read, sealed, hashed and judged; only then
/// 2. the operations port and the data port are opened, and the server is ready.
/// 3. SIGTERM or SIGINT: not ready at once; the data port drains, then the operations port.
struct ServeRun {
    private let settings: Settings
    private let sink: LogSink
    private let logger: Logger

    /// How long downloads under way may take once a shutdown has begun.
    ///
    /// Together with the probes' it stays below the 30 seconds that Kubernetes grants by default.
    private static let downloadsDrainTimeout = Duration.seconds(25)
    private static let probesDrainTimeout = Duration.seconds(2)

    init(_ settings: Settings) {
        self.settings = settings
        let sink = LogSink(descriptor: StandardStream.error.rawValue, format: settings.logFormat)
        self.sink = sink
        logger = Logger(label: "wasm-server") { _ in LineLogHandler(level: settings.logLevel, sink: sink) }
    }

    /// Serves until a signal ends it.
    func run() async throws(CommandFailure) {
        defer { sink.flush() }
        let signals = await Signals.trap()
        platform_ignore_broken_pipes()
        let snapshot = try load()
        let readiness = Readiness()
        let operations = try await listen(
            "operations",
            .operationsPort,
            settings.operationsPort,
            responder: OperationsService(readiness: readiness),
            drainTimeout: Self.probesDrainTimeout
        )
        let data = try await listen(
            "data",
            .port,
            settings.port,
            responder: WasmService(serving: snapshot, now: Self.now),
            drainTimeout: Self.downloadsDrainTimeout
        )
        readiness.begin(serving: snapshot)
        report(snapshot)
        if settings.logFormat == .text { welcome(snapshot, at: data) }
        let announcement = DrainAnnouncement(readiness: readiness, logger: logger)
        try await serve([signals.second, operations, data, announcement], until: signals.first)
        logger.info("stopped")
    }

    private func report(_ snapshot: Snapshot) {
        var metadata: Logger.Metadata = ["modules": .stringConvertible(snapshot.modules.count)]
        guard !snapshot.isComplete else {
            logger.info("ready", metadata: metadata)
            return
        }
        metadata["refused"] = .stringConvertible(snapshot.refused.count)
        logger.warning("serving, but not ready", metadata: metadata)
    }

    private func welcome(_ snapshot: Snapshot, at server: HTTPServer) {
        let address = settings.host == nil ? "localhost:\(server.port)" : server.address
        Welcome(snapshot: snapshot, address: address).print()
    }

    private func load() throws(CommandFailure) -> Snapshot {
        let snapshot = try settings.snapshot()
        for module in snapshot.modules {
            logger.info(
                "module",
                metadata: [
                    "path": "\(module.path.urlPath)",
                    "sha256": "\(module.blob.digest)",
                    "size": .stringConvertible(module.blob.count),
                    "source": "\(module.origin)",
                ]
            )
            if let warning = ModuleWarning(module) { logger.warning("\(warning)") }
        }
        for refused in snapshot.refused {
            var metadata: Logger.Metadata = [
                "source": "\(refused.error.subject)", "reason": "\(refused.error.reason); \(refused.error.remedy)",
            ]
            metadata["path"] = refused.path.map { "\($0.urlPath)" }
            logger.error("refused", metadata: metadata)
        }
        return snapshot
    }

    private func listen(
        _ name: String,
        _ setting: Setting,
        _ port: Int,
        responder: any Responder,
        drainTimeout: Duration
    ) async throws(CommandFailure) -> HTTPServer {
        do {
            let server = try await HTTPServer.bind(
                Endpoint(host: settings.host, port: port),
                responder: responder,
                observer: Observers(
                    exchanges: [AccessLog(logger: logger, listener: name, isQuiet: setting == .operationsPort)],
                    connections: []
                ),
                drainTimeout: drainTimeout,
                now: Self.now
            )
            logger.info("listening", metadata: ["listener": "\(name)", "address": "\(server.address)"])
            return server
        } catch {
            throw CommandFailure(error, setting)
        }
    }

    private func serve(_ services: [any Service], until signal: FirstSignal) async throws(CommandFailure) {
        // Graceful shutdown goes through the services from the last to the first, one after another.
        typealias Member = ServiceGroupConfiguration.ServiceConfiguration
        let members = services.map { Member(service: $0) }
        let ending = Member(service: signal, successTerminationBehavior: .gracefullyShutdownGroup)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: members + [ending],
                logger: Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() }
            )
        )
        do {
            try await group.run()
        } catch {
            throw CommandFailure(.systemError, "stopped: \(error)")
        }
    }

    private static let now: @Sendable () -> HTTPDate = { HTTPDate(seconds: platform_seconds()) }
}
