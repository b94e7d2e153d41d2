// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import Content
internal import Credentials
internal import HTTPSemantics
internal import HTTPService
internal import ModuleCatalog
internal import Operations
internal import ServerInterface
internal import StatusPage
internal import Synchronization
internal import WasmService

/// What the operations port tells of the server, each thing as a page for people and as JSON for programs.
final class StatusPages: Sendable {
    /// What there is to tell of.
    struct Subjects {
        let settings: Settings
        /// Tells one process from another.
        let instance: String
        /// When it was started, in seconds since 1970.
        let started: Int64
        let catalog: LiveCatalog
        let readiness: Readiness
        /// Who has fetched; nil if nobody is remembered.
        let fleet: FleetReport?
        /// What clients of TLS are shown; nil without TLS.
        let credentials: TLSCredentials?
        /// How peers answer; nil if there are none.
        let peers: PeerReport?
    }

    private let subjects: Subjects
    private let recent: RecentMoment
    private let renderer: ViewRenderer
    private let ports = Mutex<[ModulePort]>([])
    private let history = Mutex(ModuleHistory())

    /// The pages of a server that serves a snapshot.
    init(of subjects: Subjects, serving snapshot: Snapshot) {
        self.subjects = subjects
        let recent = RecentMoment()
        self.recent = recent
        renderer = ViewRenderer { recent.forget() }
        serve(snapshot)
    }

    /// Something else is served from now on.
    func serve(_ snapshot: Snapshot) {
        history.withLock { $0.serve(snapshot, now: platform_seconds()) }
    }

    /// Modules are served at these ports from now on.
    func open(at ports: [ModulePort]) {
        self.ports.withLock { $0 = ports }
    }

    /// The documents, by their paths.
    var documents: [String: any OperationsDocument] {
        var documents: [String: any OperationsDocument] = [
            StatusDocument.path: NegotiatedDocument(
                // It has every module, so whoever asks meanwhile gets the same.
                json: LiveDocument("application/json", fields: [NegotiatedDocument.vary]) {
                    self.present().status.encoded()
                },
                page: page { moment, query in StatusView(moment.status, moment.fleet).page(query) }
            ),
            "\(ModuleIndex.path)/": LiveView(by: renderer, module),
            PeersDocument.path: view({ $0.peers }) { moment, query in
                PeersView(moment.peers, now: moment.time).page(query)
            },
            CertificatesDocument.path: view({ $0.certificates }) { moment, query in
                CertificatesView(moment.certificates, now: moment.time).page(query)
            },
            SettingsDocument.path: view({ $0.settings }) { moment, query in SettingsView(moment.settings).page(query) },
        ]
        documents[FleetDocument.path] = NegotiatedDocument(
            json: fleetDocument,
            page: page { moment, query in FleetView(moment.fleet).page(query) }
        )
        return documents
    }

    private var fleetDocument: any OperationsDocument {
        guard let fleet = subjects.fleet else {
            return LiveView(by: renderer) { _ in
                .problem(.notFound, detail: "No client is remembered, as \(Setting.fleetClients.flag) is 0.")
            }
        }
        return LiveDocument("application/json", fields: [NegotiatedDocument.vary]) { fleet.document().encoded() }
    }

    // MARK: - Views

    /// What views are made of, for as long as requests wait for them: with thousands of modules and clients it takes a while to find out.
    private final class RecentMoment: Sendable {
        private static let lifetime = Duration.seconds(1)

        private let last = Mutex<(made: ContinuousClock.Instant, moment: Moment)?>(nil)

        /// What was found out within the last second, or else now.
        func moment(_ present: () -> Moment) -> Moment {
            last.withLock { last in
                if let last, ContinuousClock.now - last.made < Self.lifetime { return last.moment }
                let moment = present()
                last = (.now, moment)
                return moment
            }
        }

        func forget() { last.withLock { $0 = nil } }
    }

    /// All that views are made of, at one moment.
    private struct Moment {
        let time: String
        let status: StatusDocument
        let index: ModuleIndex
        let fleet: FleetDocument?
        let peers: PeersDocument
        let certificates: CertificatesDocument
        let settings: SettingsDocument
    }

    private func view(
        _ document: @escaping @Sendable (Moment) -> any InterfaceDocument,
        _ page: @escaping @Sendable (Moment, PageQuery) -> Page
    ) -> NegotiatedDocument {
        NegotiatedDocument(
            json: LiveView(by: renderer) { _ in Self.json(document(self.moment())) },
            page: self.page(page)
        )
    }

    private func page(_ page: @escaping @Sendable (Moment, PageQuery) -> Page) -> LiveView {
        LiveView(by: renderer) { request in
            let moment = self.moment()
            let query = PageQuery(path: request.path, query: request.query)
            return Self.html(.ok, page(moment, query).document(moment.status, query))
        }
    }

    private static func json(_ document: some InterfaceDocument) -> ViewRenderer.Document {
        ViewRenderer.Document(.ok, "application/json", fields: [NegotiatedDocument.vary], document.encoded())
    }

    private static func html(_ status: Status, _ document: [UInt8]) -> ViewRenderer.Document {
        let fields = [
            NegotiatedDocument.vary, ResponseHead.Field("content-security-policy", Page.contentSecurityPolicy),
            ResponseHead.Field("referrer-policy", "no-referrer"),
        ]
        return ViewRenderer.Document(status, "text/html; charset=utf-8", fields: fields, document)
    }

    // MARK: - One module

    private func module(_ request: Request) -> ViewRenderer.Document {
        let moment = moment()
        let path = String(request.path.dropFirst(ModuleIndex.path.utf8.count))
        let query = PageQuery(path: request.path, query: request.query)
        let document = ModuleDocument(at: path, in: moment.index, subjects.catalog.snapshot, moment.fleet) { path in
            history.withLock { $0[path] }
        }
        guard NegotiatedDocument.wantsPage(request) else {
            guard let document else {
                let detail = "There is no module at this path; GET \(StatusDocument.path) lists those there are."
                return .problem(.notFound, detail: detail)
            }
            return Self.json(document)
        }
        guard let document else { return Self.html(.notFound, ModuleView.missing(path).document(moment.status, query)) }
        let authority = request.fields.authority.flatMap(RequestAuthority.init)
        let view = ModuleView(document, ports: ports.withLock(\.self), askedAs: authority, now: moment.time)
        return Self.html(.ok, view.page(query).document(moment.status, query))
    }

    // MARK: - What they are made of

    private func index() -> ModuleIndex {
        ModuleIndex(subjects.catalog.snapshot, instance: subjects.instance, operationsPort: nil)
    }

    private func moment() -> Moment { recent.moment(present) }

    private func present() -> Moment {
        let seconds = platform_seconds()
        let (index, fleet, time) = (index(), subjects.fleet?.document(), Timestamp.text(seconds))
        let certificates =
            subjects.credentials.map { credentials in
                CertificatesDocument(credentials, allowing: subjects.settings.tls.allowedClients)
            } ?? .none
        let peers = PeersDocument(
            names: subjects.settings.peers.names.map { name in
                .init("\(name)", failure: subjects.peers?.failure(of: name))
            },
            peers: subjects.peers?.peers(now: seconds) ?? [],
            replicas: fleet?.replicas ?? []
        )
        let findings = Findings(
            problems: subjects.readiness.problems,
            index,
            fleet,
            certificates,
            peers,
            warnings: subjects.settings.warnings,
            now: time
        )
        let status = StatusDocument(
            findings,
            of: StatusDocument.Process(
                instance: subjects.instance,
                version: Version.current,
                revision: Version.revision,
                started: Timestamp.text(subjects.started),
                isReady: subjects.readiness.isReady
            ),
            index,
            fleet,
            sources: subjects.catalog.checks.map { check in
                .init(check.source, lastChecked: check.lastDate > 0 ? Timestamp.text(check.lastDate) : nil)
            },
            now: time
        )
        return Moment(
            time: time,
            status: status,
            index: index,
            fleet: fleet,
            peers: peers,
            certificates: certificates,
            settings: SettingsDocument(of: subjects.settings)
        )
    }
}
