// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import Credentials
internal import HTTPSemantics
internal import HTTPTransport
internal import Logging
internal import ModuleCatalog
internal import Operations
internal import Peers
internal import ServerInterface
internal import ServiceLifecycle
internal import StatusPage
internal import WasmService

/// One life of the server.
///
/// 1. Every source is read, sealed, hashed and judged, and the certificate too.
/// 2. What peers announce and keep is taken over, if there is time and room; only then
/// 3. the operations port and the data ports are opened, and the server is ready.
/// 4. Whatever changes in the sources is served from then on, and what peers begin to serve can be had by its digest.
/// 5. SIGTERM or SIGINT: not ready at once; a while later the data ports drain, then the operations port.
struct ServerProcess {
    private let settings: Settings
    private let sink: LogSink
    private let logger: Logger
    private let listenerLogs: ListenerLogs

    init(_ settings: Settings) {
        self.settings = settings
        let sink = LogSink(descriptor: StandardStream.error.rawValue, format: settings.logFormat)
        self.sink = sink
        let lines = LineLogHandler(level: settings.logLevel, sink: sink)
        logger = Logger(label: "wasm-server") { _ in lines }
        listenerLogs = ListenerLogs(lines: lines)
    }

    /// Serves until a signal ends it.
    func run() async throws(CommandFailure) {
        defer { sink.flush() }
        let started = platform_seconds()
        try OpenFiles.requireEnoughToServe()
        let signals = await Signals.trap { [sink, listenerLogs] in
            listenerLogs.end()
            sink.flush()
        }
        platform_ignore_broken_pipes()
        let starting = signals.endAtOnce(logger)
        StartReport(settings: settings).log(to: logger)
        for warning in settings.warnings { logger.warning("\(warning)") }
        let catalog = try await CatalogLoad(settings: settings, logger: logger).run()
        let log = SnapshotLog(logger: logger, largestKept: catalog.largestKept)
        log.list(catalog.snapshot)
        let credentials = try settings.credentials()

        let readiness = Readiness()
        let registry = PrometheusRegistry()
        let instance = String(UInt64.random(in: .min ... .max), radix: 16)
        let peerReport = settings.uses(.peers) ? peerReport(registry) : nil
        let peers = peerReport.map { self.peers(instance, catalog, credentials, $0) }
        await peers?.adopt()
        let metrics = ServerMetrics(
            in: registry,
            version: Version.current,
            revision: Version.revision,
            serving: catalog.snapshot,
            readiness: readiness,
            sink: sink
        )
        let fleet =
            settings.fleet.clients > 0
            ? FleetReport(settings, instance: instance, serving: catalog.snapshot, peers: peers, report: peerReport)
            : nil
        fleet?.measure(in: registry)
        let traces = settings.otlpEndpoint.map { endpoint in
            TraceService(to: endpoint, instance: instance, metrics: registry, logger: logger)
        }
        let ports = Listeners(
            settings: settings,
            metrics: metrics,
            fleet: fleet?.fleet,
            tracer: traces?.tracer,
            readiness: readiness,
            logs: listenerLogs,
            logger: logger
        )
        let pages = StatusPages(
            of: StatusPages.Subjects(
                settings: settings,
                instance: instance,
                started: started,
                catalog: catalog,
                readiness: readiness,
                fleet: fleet,
                credentials: credentials,
                peers: peerReport
            ),
            serving: catalog.snapshot
        )
        let operations = try await ports.operations(
            OperationsService(readiness: readiness, documents: documents(registry, fleet, pages))
        )
        let service = WasmService(
            serving: catalog.snapshot,
            instance: instance,
            operationsPort: operations.port,
            search: peers?.search,
            now: Listeners.now
        )
        let report = CatalogReport(
            service: service,
            metrics: metrics,
            fleet: fleet,
            pages: pages,
            readiness: readiness,
            log: log,
            logger: logger
        )
        // Nothing here may hold a snapshot: what was served at the start would never be let go of.
        let moduleCount = catalog.observe(report.tell).modules.count

        let data = try await ports.data({ service.responder(isSecure: $0) }, credentials, moduleCount: moduleCount)
        pages.open(at: zip(settings.dataListeners, data).map { ModulePort(isSecure: $0 == .tls, number: $1.port) })
        // Until here it may wait, for a name server too.
        starting.cancel()
        let checks = SourceReport(in: registry, to: readiness, logger: logger) { catalog.checks }
        let sources = SourceWatch(catalog, rehash: settings.rehash, report: checks)
        let reload = credentials.map { tlsReload($0, registry, readiness) }
        let hangup = HangupSignal(signals: signals.hangup, logger: logger) {
            sources.rescanNow()
            reload?.reloadNow()
        }

        readiness.begin(serving: catalog.snapshot)
        log.summarize(catalog.snapshot)
        if settings.logFormat == .text { welcome(catalog.snapshot, at: data, operations) }
        let announcement = DrainAnnouncement(
            readiness: readiness,
            ending: signals.ending,
            settings: settings,
            logger: logger
        )
        // They end from the last to the first, one after another: whoever is asked until the end ends late.
        let services: [(any Service)?] = [
            signals.second, operations, traces, peers, fleet?.exchange, DataPorts(servers: data), sources,
            ListRenewal(service: service), reload,
            hangup, ReopeningSignal(signals: signals.reopening, logger: logger), listenerLogs, announcement,
        ]
        try await serve(services.compactMap(\.self), until: signals.first)
        listenerLogs.end()
        logger.info("stopped")
    }

    private func documents(
        _ registry: PrometheusRegistry,
        _ fleet: FleetReport?,
        _ pages: StatusPages
    ) -> [String: any OperationsDocument] {
        var documents = pages.documents
        documents[OperationsService.metricsPath] = MetricsDocument(of: registry)
        documents[FleetNews.path] = fleet?.exchange
        return documents
    }

    private func peerReport(_ registry: PrometheusRegistry) -> PeerReport {
        PeerReport(
            metrics: PeerMetrics(in: registry, outcomes: PeerEvent.Answer.allCases.map(\.rawValue)),
            logger: logger
        )
    }

    private func peers(
        _ instance: String,
        _ catalog: LiveCatalog,
        _ credentials: TLSCredentials?,
        _ report: PeerReport
    ) -> PeerService {
        PeerService(
            settings.peers,
            defaultPort: settings.peerPort,
            instance: instance,
            own: OwnAddresses(host: settings.host, ports: [settings.port, settings.tls.port ?? settings.port]),
            security: credentials.map(Self.security),
            catalog: catalog,
            observer: report
        )
    }

    private static func security(_ credentials: TLSCredentials) -> PeerClient.Security {
        { () throws(PeerError) in
            guard let context = credentials.peerContext else { throw .withoutCertificate }
            return context
        }
    }

    private func tlsReload(
        _ credentials: TLSCredentials,
        _ registry: PrometheusRegistry,
        _ readiness: Readiness
    ) -> TLSReload {
        let report = CertificateReport(
            credentials: credentials,
            metrics: TLSMetrics(
                in: registry,
                expiry: credentials.certificate.expiry,
                authorityExpiry: credentials.authorityExpiry
            ),
            readiness: readiness,
            logger: logger
        )
        report.tell(.loaded(credentials.certificate))
        for ignored in credentials.ignoredAuthorities { report.tell(.ignored(ignored)) }
        let checks = SlowChecks(of: .tlsFiles, to: readiness, logger: logger)
        return TLSReload(credentials, observer: report.tell) { time in
            checks.tell(time.map { [(credentials.certificateFile, $0)] } ?? [])
        }
    }

    private func welcome(_ snapshot: Snapshot, at data: [HTTPServer], _ operations: HTTPServer) {
        let ports = zip(settings.dataListeners + [.operations], data + [operations]).map { listener, server in
            let address = settings.host == nil ? "localhost:\(server.port)" : server.address
            return StartupBanner.Port(listener: listener, address: address)
        }
        // What was logged before stands above it.
        sink.flush()
        StartupBanner(snapshot: snapshot, host: settings.hostProfile, ports: ports).print()
    }

    private func serve(_ services: [any Service], until signal: FirstSignal) async throws(CommandFailure) {
        typealias Member = ServiceGroupConfiguration.ServiceConfiguration
        // Where one fails, the others end in order.
        let members = services.map { service in
            // By itself it is called what it prints as, with all that it holds.
            Member(
                service: service,
                failureTerminationBehavior: .gracefullyShutdownGroup,
                serviceName: "\(type(of: service))"
            )
        }
        let ending = Member(
            service: signal,
            successTerminationBehavior: .gracefullyShutdownGroup,
            serviceName: "\(type(of: signal))"
        )
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
