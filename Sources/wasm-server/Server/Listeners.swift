// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import Credentials
internal import Fleet
internal import HTTPProtocol
internal import HTTPSemantics
internal import HTTPService
internal import HTTPTransport
internal import Logging
internal import ModuleCatalog
internal import Operations
internal import ServerInterface
internal import Tracing
internal import WasmService

/// Opens the ports that the settings name.
struct Listeners {
    let settings: Settings
    let metrics: ServerMetrics
    /// Remembers who fetches; nil if nobody is to be remembered.
    let fleet: Fleet?
    /// Makes spans of exchanges; nil if nobody is to be told of them.
    let tracer: Tracer?
    let readiness: Readiness
    let logs: ListenerLogs
    let logger: Logger

    /// The wall clock, for `Date`.
    static let now: @Sendable () -> HTTPDate = { HTTPDate(seconds: platform_seconds()) }

    /// How many modules more may come while the server runs, if there are few.
    private static let newModules = 1024

    private static let probesDrainTimeout = Duration.seconds(2)

    /// Opens the port of probes and metrics.
    func operations(_ responder: any Responder) async throws(CommandFailure) -> HTTPServer {
        try await open(.operations, { responder }, security: nil, ConnectionBudget.operationsLimits)
    }

    /// Opens the ports of modules: a plain one, one that speaks TLS, or both.
    func data(
        _ responder: @escaping @Sendable (_ isSecure: Bool) -> any Responder,
        _ credentials: TLSCredentials?,
        moduleCount: Int
    ) async throws(CommandFailure) -> [HTTPServer] {
        let security = credentials.map {
            TransportSecurity(credentials: $0, allowedClients: settings.allowedClients)
        }
        let hasTwo = settings.tls.port != nil
        let limits = try limits(ports: hasTwo ? 2 : 1, current: moduleCount)
        var servers: [HTTPServer] = []
        if security == nil || hasTwo {
            servers.append(try await open(.data, { responder(false) }, security: nil, limits))
        }
        if let security { servers.append(try await open(.tls, { responder(true) }, security: security, limits)) }
        return servers
    }

    private func limits(ports: Int, current: Int) throws(CommandFailure) -> Limits {
        let descriptors = Int(platform_raise_descriptor_limit())
        // Room for twice as many as there may be: while some are replaced, those before are held with those after.
        let most = min(ConnectionBudget.currentModules(descriptors: descriptors), 2 * current + Self.newModules)
        let modules = 2 * most + ConnectionBudget.keptModules(descriptors: descriptors)
        let wanted = settings.maximumConnections
        let rest = descriptors - EventLoops.descriptorCount
        guard let budget = ConnectionBudget(wanted: wanted, ports: ports, modules: modules, descriptors: rest) else {
            throw CommandFailure(
                .systemError,
                """
                \(current) modules leave no descriptor for connections, and the limit is \(descriptors); raise it \
                (ulimit -n), or serve fewer modules
                """
            )
        }
        if budget.data < wanted {
            logger.warning(
                "fewer connections than wanted: the limit of open files (ulimit -n) allows no more",
                metadata: [
                    "wanted": .stringConvertible(wanted), "connections": .stringConvertible(budget.data),
                    "descriptors": .stringConvertible(descriptors),
                ]
            )
        }
        return budget.limits(perClient: settings.maximumConnectionsPerClient)
    }

    private func open(
        _ listener: Listener,
        _ responder: @escaping @Sendable () -> any Responder,
        security: TransportSecurity?,
        _ limits: Limits
    ) async throws(CommandFailure) -> HTTPServer {
        let (setting, port) = address(of: listener)
        let log: (any ConnectionObserver)? = logs.connections(of: listener)
        let connections = [log, AcceptingReport(on: listener, to: readiness)].compactMap(\.self)
        do {
            let server = try await HTTPServer.bind(
                Endpoint(host: settings.host, port: port),
                responder: responder,
                observer: { [self] in observer(of: listener, connections: connections) },
                security: security,
                limits: limits,
                // Where there are no peers, nobody who says to be one is taken for one.
                reading: FieldSelection(
                    own: settings.uses(.peers) ? PeerField.names : [],
                    // Collectors of metrics choose a format.
                    hasNegotiation: listener == .operations || WasmService.hasNegotiation
                ),
                drainTimeout: listener == .operations ? Self.probesDrainTimeout : settings.drainTimeout,
                now: Self.now
            )
            logger.info("listening", metadata: ["listener": "\(listener.rawValue)", "address": "\(server.address)"])
            return server
        } catch {
            let failure = CommandFailure(error, settings.place(of: error.isOfHost ? .host : setting))
            throw CommandFailure([failure] + (error.isOfPortInUse ? await othersInUse(after: listener) : []))
        }
    }

    /// The ports that would be opened after one that is in use, and are in use, too: whoever has one has most likely all.
    private func othersInUse(after listener: Listener) async -> [CommandFailure] {
        let all: [Listener] = [.operations] + settings.dataListeners
        var failures: [CommandFailure] = []
        for other in all.drop(while: { $0 != listener }).dropFirst() {
            let (setting, port) = address(of: other)
            let obstacle = await Endpoint(host: settings.host, port: port).obstacle()
            guard let obstacle, obstacle.isOfPortInUse else { continue }
            failures.append(CommandFailure(obstacle, settings.place(of: setting)))
        }
        return failures
    }

    private func address(of listener: Listener) -> (Setting, Int) {
        switch listener {
        case .data: (.port, settings.port)
        case .tls: settings.tls.port.map { (.tlsPort, $0) } ?? (.port, settings.port)
        case .operations: (.operationsPort, settings.operationsPort)
        }
    }

    /// One of several observers of a listener; those of its connections are shared.
    private func observer(of listener: Listener, connections: [any ConnectionObserver]) -> Observers {
        let access: (any ExchangeObserver)? = logs.exchanges(of: listener)
        let measured = metrics.observers(of: listener)
        return Observers(
            exchanges: [access, fetchRecorder(of: listener), spanRecorder(of: listener)].compactMap(\.self)
                + measured.exchanges,
            connections: connections + measured.connections
        )
    }

    /// What notes when modules were last fetched, and by whom if that is to be remembered.
    private func fetchRecorder(of listener: Listener) -> (any ExchangeObserver)? {
        guard listener != .operations else { return nil }
        return fleet.map { $0.recorder() } ?? FetchRecorder(now: Self.now)
    }

    /// What makes spans of fetches, if somebody is to be told of them.
    private func spanRecorder(of listener: Listener) -> (any ExchangeObserver)? {
        guard listener != .operations else { return nil }
        return tracer?.recorder(of: TracedPort(isSecure: listener == .tls, number: address(of: listener).1))
    }
}

extension Settings {
    /// What listens at the data ports, in the order in which they are opened.
    var dataListeners: [Listener] {
        guard uses(.tls) else { return [.data] }
        return tls.port == nil ? [.tls] : [.data, .tls]
    }
}
