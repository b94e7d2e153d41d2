// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
package import ServerInterface

/// Who has fetched what, failures first.
package struct FleetView {
    private let fleet: FleetDocument?

    /// A view of what is known; nil if nobody is remembered.
    package init(_ fleet: FleetDocument?) { self.fleet = fleet }

    /// The page.
    package func page(_ query: PageQuery) -> Page {
        Page(title: "Fleet", view: .fleet, content: "<h1>Fleet</h1>\n\(fleet.map { content($0, query) } ?? Self.off)")
    }

    private static let off: HTML = """
        <p class="empty">Nobody is remembered, as <code>--fleet-clients</code> is 0.</p>
        """

    private func content(_ fleet: FleetDocument, _ query: PageQuery) -> HTML {
        """
        <p>Who was sent what, and when. That a gateway was sent bytes does not show that it runs them.</p>
        \(replicas(fleet))
        <h2>Modules</h2>
        \(modules(fleet, query))
        <h2>Clients</h2>
        \(clients(fleet, query).html(fleet.clients, query))
        \(limits(fleet))
        """
    }

    private func replicas(_ fleet: FleetDocument) -> HTML? {
        let silent = fleet.replicas.filter { $0.state == FleetDocument.silent }
        guard !silent.isEmpty else { return nil }
        let addresses = silent.map(\.address).joined(separator: ", ")
        return """
            <p>\(.state("attention", .attention)) Clients of \(addresses) may be missing, as that replica does not tell of them; \
            <a href="\(PeersDocument.path)">see peers</a>.</p>
            """
    }

    private func modules(_ fleet: FleetDocument, _ query: PageQuery) -> HTML {
        let table = Table<FleetDocument.Module>(
            caption: "Gateways by module",
            id: "gateways",
            columns: [
                .init("Module") { module in
                    "<a href=\"\(PageQuery.link(FleetDocument.path, [("module", module.path)]))#clients\">\(module.path)</a>"
                },
                .init("Failed", isNumeric: true) { "\($0.gateways.failed)" },
                .init("Behind", isNumeric: true) { "\($0.gateways.behind)" },
                .init("Missing", isNumeric: true) { "\($0.gateways.missing)" },
                .init("Current", isNumeric: true) { "\($0.gateways.current)" },
                .init("SHA-256") { module in
                    module.sha256.map { .digest($0, of: module.path) } ?? .state("rejected", .attention)
                },
                .init("Since") { module in module.since.map { RelativeTime($0, now: fleet.time).html } ?? "" },
            ],
            hasPages: false,
            empty: query["module"] == nil ? "Nothing is served by name." : "No such module is served by name."
        )
        let shown = query["module"].map { path in fleet.modules.filter { $0.path == path } } ?? fleet.modules
        let worst = shown.sorted { first, second in
            let counts = (first.gateways, second.gateways)
            return (counts.0.failed, counts.0.behind, counts.0.missing) > (
                counts.1.failed, counts.1.behind, counts.1.missing
            )
        }
        // Only the first are told here: a table has one form, and that of clients is the one to page and sort.
        let most = 10
        let more: HTML? =
            worst.count > most
            ? "<p>\(worst.count - most) more modules, with fewer gateways for whom something is wrong: <a href=\"/\">all modules</a>.</p>"
            : nil
        return "\(table.html(Array(worst.prefix(most)), PageQuery(path: query.path, query: nil)))\(more)"
    }

    private func clients(_ fleet: FleetDocument, _ query: PageQuery) -> Table<FleetDocument.Client> {
        Table(
            caption: "Clients",
            id: "clients",
            columns: [
                .init("Client", "client", by: { SortKey($0.client) }) { client in
                    "\(client.client)<br><small>\(Self.evidence(client)); \(Self.userAgent(client))</small>"
                },
                // What matters most stands first, as narrow windows show no more.
                .init("State", "state", by: { .number(Self.rank($0.state)) }) {
                    .state($0.state, Self.level($0.state))
                },
                .init("Kind", "kind", by: { SortKey($0.kind) }) { "\($0.kind)" },
                .init("Module", "module", by: { SortKey("\($0.module ?? "") \($0.asked)") }) { client in
                    Self.module(client)
                },
                .init("Has") { client in client.sha256.map { .digest($0, of: "what \(client.client) has") } ?? "" },
                .init("Last came", "last", by: { SortKey($0.last) }) { RelativeTime($0.last, now: fleet.time).html },
                .init("Outcome", "outcome", by: { SortKey($0.outcome) }) { client in
                    "\(client.outcome)<br><small>\(client.status) over \(client.protocol)</small>"
                },
                .init("Told by", "told", by: { SortKey($0.toldBy) }) { client in
                    client.toldBy.map { "\($0)" } ?? "this replica"
                },
            ],
            filters: [
                .init(name: "state", title: "State", choices: Self.states) { $0.state == $1 },
                .init(name: "module", title: "Module", choices: Self.choices(fleet, query)) {
                    $0.module == $1
                },
            ],
            contains: { client, text in
                [
                    client.client, client.userAgent, client.module, client.asked, client.sha256, client.kind,
                    client.toldBy,
                ].contains { field in
                    field?.lowercased().contains(text) ?? false
                }
            },
            empty: "Nobody has fetched anything yet. A gateway appears here once it has."
        )
    }

    /// The states, the worst first.
    private static let states = ["failed", "behind", "missing", "current"]
    /// How many bytes the modules have at most that are offered to choose from; all are one click away.
    private static let longestChoices = 2048
    /// How many bytes of a `User-Agent` are shown.
    private static let longestUserAgent = 96

    private static func choices(_ fleet: FleetDocument, _ query: PageQuery) -> [String] {
        var length = 0
        let first = Array(
            fleet.modules.map(\.path).prefix { path in
                length += path.utf8.count
                return length <= longestChoices
            }
        )
        guard let chosen = query["module"], !first.contains(chosen) else { return first }
        return first + [chosen]
    }

    /// By what it is known who a client is.
    private static func evidence(_ client: FleetDocument.Client) -> String {
        switch client.identifiedBy {
        case "certificate": "by its certificate"
        case "forwarded": "by what a proxy says"
        default: "by its address"
        }
    }

    /// What a client came for: a module, and in other words where those say more.
    private static func module(_ client: FleetDocument.Client) -> HTML {
        let isTold = [client.module, client.sha256].contains(client.asked)
        let asked: HTML? = isTold ? nil : "<small>asked for \(client.asked)</small>"
        return client.module.map { "\($0)<br>\(asked)" } ?? "\(asked)"
    }

    private static func userAgent(_ client: FleetDocument.Client) -> String {
        client.userAgent?.abbreviated(to: longestUserAgent) ?? "no User-Agent"
    }

    private static func rank(_ state: String) -> Int64 { Int64(states.firstIndex(of: state) ?? states.count) }

    private static func level(_ state: String) -> StatusDocument.Level {
        switch state {
        case "failed": .failing
        case "behind": .attention
        case "missing": .note
        default: .ok
        }
    }

    private func limits(_ fleet: FleetDocument) -> HTML? {
        guard fleet.omitted > 0 || fleet.forgotten > 0 else { return nil }
        let omitted = fleet.omitted > 0 ? ["\(fleet.omitted) entries are not listed, as there are too many."] : []
        let forgotten =
            fleet.forgotten > 0 ? ["\(fleet.forgotten) clients or fetches were forgotten, to make room."] : []
        return """
            <p>\((omitted + forgotten).joined(separator: " ")) <code>--fleet-clients</code> says how many are remembered.</p>
            """
    }
}
