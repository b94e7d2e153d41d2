// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
package import ServerInterface

/// What a person should know of a server, judged by what it tells of itself.
package struct Findings {
    /// All of them, the worst first.
    package let all: [StatusDocument.Finding]

    /// The most of one kind that are told one by one.
    private static let most = 5
    /// How long before its end a certificate should have been renewed, in seconds: as the alerts have it.
    private static let lateRenewal: Int64 = 7 * 86_400
    /// How long before its end nobody can be expected to come in time, in seconds: as the alerts have it.
    private static let lastDay: Int64 = 86_400

    /// The findings.
    ///
    /// - Parameters:
    ///   - problems: Why the server is not ready, and what else probes tell, by what they looked at.
    ///   - index: Its modules.
    ///   - fleet: Who has fetched them; nil if nobody is remembered.
    ///   - certificates: What it shows to clients of TLS.
    ///   - peers: The other replicas.
    ///   - warnings: What a person should know of the settings.
    ///   - now: The present, a ``Timestamp``.
    package init(
        problems: [(check: String, text: String, isDecisive: Bool)],
        _ index: ModuleIndex,
        _ fleet: FleetDocument?,
        _ certificates: CertificatesDocument,
        _ peers: PeersDocument,
        warnings: [String],
        now: String
    ) {
        // What is rejected is told one by one.
        let isStopped = problems.contains { $0.isDecisive && $0.check == "modules" } && !index.rejected.isEmpty
        let others = problems.filter { index.rejected.isEmpty || !["modules", "sources"].contains($0.check) }
        let found =
            others.map { problem in
                StatusDocument.Finding(
                    problem.isDecisive ? .failing : .attention,
                    problem.check,
                    problem.text,
                    view: Self.view(of: problem.check)
                )
            } + Self.ofModules(index, isStopped: isStopped) + Self.ofGateways(fleet)
            + Self.ofCertificates(certificates, now: now)
            + Self.ofPeers(peers) + warnings.map { .init(.note, "settings", $0, view: SettingsDocument.path) }
        let levels = StatusDocument.Level.allCases
        all = levels.flatMap { level in found.filter { $0.level == level } }
    }

    /// Whether the server does not answer for modules yet.
    var isStarting: Bool { all.contains { $0.level == .failing && $0.subject == "startup" } }

    /// Whether the server is about to end.
    var isEnding: Bool { all.contains { $0.level == .failing && $0.subject == "shutdown" } }

    /// The worst of those that are more than notes; `ok` if there are none.
    package var level: StatusDocument.Level {
        guard let first = all.first?.level, first != .note else { return .ok }
        return first
    }

    /// How bad it is that something expires in so many seconds, which began to be valid at a ``Timestamp``; nil if nobody can tell when.
    ///
    /// What lives for hours is renewed within hours.
    static func level(ofExpiry seconds: Int64?, since begin: String?, now: String) -> StatusDocument.Level {
        guard let seconds else { return .note }
        let age = begin.flatMap { RelativeTime($0, now: now).seconds }.map { -$0 }
        let lifetime = age.map { $0 + seconds } ?? .max
        if seconds < min(lastDay, lifetime / 10) { return .failing }
        return seconds < min(lateRenewal, lifetime / 3) ? .attention : .ok
    }

    private static func view(of check: String) -> String {
        check == "tls" ? CertificatesDocument.path : "/readyz?verbose"
    }

    private static func ofModules(_ index: ModuleIndex, isStopped: Bool) -> [StatusDocument.Finding] {
        let current = index.current
        let unnamed = max((index.rejectedCount ?? 0) - index.rejected.count, 0)
        let level = isStopped ? StatusDocument.Level.failing : .attention
        var found = several(index.rejected, unnamed: unnamed) { entry in
            let isServed = current.contains { $0.isServed(inPlaceOf: entry) }
            let what =
                isServed
                ? "rejected, and what was served before is served on" : "rejected, and whoever asks for it gets 503"
            return StatusDocument.Finding(
                level,
                entry.path ?? entry.source ?? "a module",
                "is \(what): \(entry.reason ?? "it may not be served")",
                view: "\(StatusDocument.path)?state=rejected"
            )
        } rest: { count in
            .init(level, "\(count) more modules", "are rejected", view: "\(StatusDocument.path)?state=rejected")
        }
        let warned = current.filter { $0.rules != nil }
        found += several(warned) { entry in
            let rules = (entry.rules ?? []).joined(separator: ", ")
            return StatusDocument.Finding(
                .attention,
                entry.title,
                "is served with warnings: \(rules)",
                view: entry.view ?? "/"
            )
        } rest: { count in
            .init(.attention, "\(count) more modules", "are served with warnings", view: StatusDocument.path)
        }
        let names = Set((current + index.rejected).compactMap(\.path))
        found += several(index.kept.filter { $0.path.map { !names.contains($0) } ?? false }) { entry in
            .init(
                .note,
                entry.path ?? entry.title,
                "is no longer served by name, as it has gone from its source; its bytes are kept",
                view: entry.view ?? "/?state=kept"
            )
        } rest: { count in
            .init(.note, "\(count) more modules", "are no longer served by name", view: "/?state=kept")
        }
        found += several(current.filter { $0.lastFetched == nil }) { entry in
            .init(.note, entry.title, "has never been fetched from this replica", view: entry.view ?? "/")
        } rest: { count in
            .init(.note, "\(count) more modules", "have never been fetched from this replica", view: "/?sort=fetched")
        }
        return found
    }

    private static func ofGateways(_ fleet: FleetDocument?) -> [StatusDocument.Finding] {
        let modules = fleet?.modules ?? []
        let states: [(StatusDocument.Level, String, KeyPath<FleetDocument.Counts, Int>, String)] = [
            (.failing, "failed", \.failed, "got nothing at the last fetch"),
            (.attention, "behind", \.behind, "came since it changed, and got only an older version"),
        ]
        let lost = fleet?.clients.count { $0.isGateway && $0.module == nil && $0.state == FleetDocument.failed } ?? 0
        let others: [StatusDocument.Finding] =
            lost == 0
            ? []
            : [
                .init(
                    .attention,
                    SizeText.count(lost, "client"),
                    "asked for what is not here and got nothing; a gateway that does so is configured for another name or digest",
                    view: PageQuery.link(FleetDocument.path, [("state", FleetDocument.failed)])
                )
            ]
        return others
            + states.flatMap { level, state, count, words in
                several(modules.filter { $0.gateways[keyPath: count] > 0 }) { module in
                    StatusDocument.Finding(
                        level,
                        module.path,
                        "\(SizeText.count(module.gateways[keyPath: count], "gateway")) \(words)",
                        view: PageQuery.link(FleetDocument.path, [("state", state), ("module", module.path)])
                    )
                } rest: { rest in
                    .init(
                        level,
                        "\(rest) more modules",
                        "have gateways that are \(state)",
                        view: "\(FleetDocument.path)?state=\(state)"
                    )
                }
            }
    }

    private static func ofCertificates(_ certificates: CertificatesDocument, now: String) -> [StatusDocument.Finding] {
        guard let certificate = certificates.certificate else { return [] }
        let ends =
            [(certificate.file, "the certificate", certificate.expires, certificate.begins)]
            + certificates.authorities.compactMap { authorities in
                authorities.expires.map { (authorities.file, "an authority", $0, nil) }
            }
        let expiring = ends.compactMap { file, what, end, begin -> StatusDocument.Finding? in
            let moment = RelativeTime(end, now: now)
            let level = level(ofExpiry: moment.seconds, since: begin, now: now)
            guard level != .ok, level != .note else { return nil }
            let isOver = moment.seconds.map { $0 < 0 } ?? false
            let text =
                isOver
                ? "\(what) expired \(moment.words); nobody who verifies it connects any more"
                : "\(what) expires \(moment.words), and should have been renewed by now"
            return .init(level, file, text, view: CertificatesDocument.path)
        }
        let minded = several(certificate.remarks.filter(\.isRejection)) { remark in
            StatusDocument.Finding(.attention, certificate.file, remark.text, view: CertificatesDocument.path)
        } rest: { count in
            .init(.attention, certificate.file, "clients mind \(count) more things", view: CertificatesDocument.path)
        }
        return expiring + minded
    }

    private static func ofPeers(_ peers: PeersDocument) -> [StatusDocument.Finding] {
        var found = several(peers.peers.filter { $0.failure != nil }) { peer in
            StatusDocument.Finding(
                .attention,
                peer.address,
                "the peer does not list what it has: \(peer.failure ?? "it fails")",
                view: PeersDocument.path
            )
        } rest: { count in
            .init(.attention, "\(count) more peers", "do not answer", view: PeersDocument.path)
        }
        found += peers.names.compactMap { name in
            name.failure.map { .init(.attention, name.name, "no peer is found there: \($0)", view: PeersDocument.path) }
        }
        let silent = peers.replicas.filter { replica in
            replica.state == FleetDocument.silent && !peers.names.contains { $0.name == replica.address }
        }
        found += several(peers.replicas.filter { $0.clockLead != nil }) { replica in
            .init(
                .attention,
                replica.address,
                "\(replica.clockWords): what it has seen may count as newer or older than it is",
                view: PeersDocument.path
            )
        } rest: { count in
            .init(.attention, "\(count) more replicas", "have other clocks", view: PeersDocument.path)
        }
        found += several(silent) { replica in
            .init(
                .attention,
                replica.address,
                "the replica does not tell of its clients: \(replica.failure ?? "it fails")",
                view: PeersDocument.path
            )
        } rest: { count in
            .init(.attention, "\(count) more replicas", "do not tell of their clients", view: PeersDocument.path)
        }
        return found
    }

    /// The first of one kind one by one, and how many more there are.
    private static func several<Subject>(
        _ subjects: [Subject],
        unnamed: Int = 0,
        _ one: (Subject) -> StatusDocument.Finding,
        rest: (Int) -> StatusDocument.Finding
    ) -> [StatusDocument.Finding] {
        let more = max(subjects.count - most, 0) + unnamed
        return subjects.prefix(most).map(one) + (more > 0 ? [rest(more)] : [])
    }
}
