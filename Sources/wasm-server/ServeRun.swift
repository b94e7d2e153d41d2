// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import HTTPSemantics
internal import HTTPTransport
internal import Logging
internal import ModuleCatalog
internal import Operations
internal import ServiceLifecycle
internal import WasmService

/// One life of the server.
///
/// 1. Every source is read, sealed, hashed and judged, and the certificate too; only then
/// 2. the operations port and the data ports are opened, and the server is ready.
/// 3. Whatever changes in the sources is served from then on.
/// 4. SIGTERM or SIGINT: not ready at once; a while later the data ports drain, then the operations port.
struct ServeRun {
    private let settings: Settings
    private let sink: LogSink
    private let logger: Logger

    init(_ settings: Settings) {
        self.settings = settings
        let sink = LogSink(descriptor: StandardStream.error.rawValue, format: settings.logFormat)
        self.sink = sink
        logger = Logger(label: "wasm-server") { _ in LineLogHandler(level: settings.logLevel, sink: sink) }
    }

    /// Serves until a signal ends it.
    func run() async throws(CommandFailure) {
        defer { sink.flush() }
        let signals = await Signals.trap { [sink] in sink.flush() }
        platform_ignore_broken_pipes()
        let starting = signals.endAtOnce()
        let catalog = try await load()
        SnapshotLog(logger: logger).list(catalog.snapshot)
        let credentials = try settings.tls.map(credentials)
        starting.cancel()

        let readiness = Readiness()
        let registry = PrometheusRegistry()
        let metrics = ServerMetrics(
            in: registry,
            version: Version.current,
            serving: catalog.snapshot,
            readiness: readiness,
            sink: sink
        )
        let service = WasmService(serving: catalog.snapshot, instance: Self.instance, now: Ports.now)
        let report = CatalogReport(service: service, metrics: metrics, readiness: readiness, logger: logger)
        let snapshot = catalog.observe(report.tell)
        let ports = Ports(settings: settings, metrics: metrics, readiness: readiness, logger: logger)
        let operations = try await ports.operations(OperationsService(readiness: readiness, metrics: registry))
        let data = try await ports.data({ service.responder() }, credentials, snapshot)
        let sources = SourceWatch(catalog, rehash: settings.rehash)
        var services: [any Service] = [signals.second, operations, DataPorts(servers: data), sources]
        let reload = credentials.map { credentials in
            let report = CertificateReport(
                metrics: TLSMetrics(in: registry, expiry: credentials.certificate.expiry),
                readiness: readiness,
                logger: logger
            )
            report.tell(.loaded(credentials.certificate))
            return TLSReload(credentials, observer: report.tell)
        }
        if let reload { services.append(reload) }
        services.append(
            HangupSignal(signals: signals.hangup, logger: logger) {
                sources.lookNow()
                reload?.reloadNow()
            }
        )

        readiness.begin(serving: snapshot)
        SnapshotLog(logger: logger).summarize(snapshot)
        if settings.logFormat == .text { welcome(snapshot, at: data) }
        services.append(DrainAnnouncement(readiness: readiness, delay: settings.drainDelay, logger: logger))
        try await serve(services, until: signals.first)
        logger.info("stopped")
    }

    /// Loads the modules on a thread that may wait for the disk, while signals are listened to.
    private func load() async throws(CommandFailure) -> LiveCatalog {
        let settings = settings
        return try await BlockingWork.run { Result { () throws(CommandFailure) in try settings.load() } }.get()
    }

    /// Tells this process from its siblings.
    private static let instance = String(UInt64.random(in: .min ... .max), radix: 16)

    private func credentials(_ tls: TLSSettings) throws(CommandFailure) -> TLSCredentials {
        do {
            return try TLSCredentials(tls.files)
        } catch {
            throw CommandFailure(.configuration, error.description)
        }
    }

    private func welcome(_ snapshot: Snapshot, at servers: [HTTPServer]) {
        guard let server = servers.first else { return }
        let address = settings.host == nil ? "localhost:\(server.port)" : server.address
        Welcome(snapshot: snapshot, address: address).print()
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
}
