// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import ServerInterface

/// The other replicas, those that do not answer first.
package struct PeersView {
    private let peers: PeersDocument
    private let now: String

    /// A view of the peers, at a ``Timestamp``.
    package init(_ peers: PeersDocument, now: String) { (self.peers, self.now) = (peers, now) }

    /// The page.
    package func page(_ query: PageQuery) -> Page {
        Page(title: "Peers", view: .peers, content: "<h1>Peers</h1>\n\(content(query))")
    }

    private func content(_ query: PageQuery) -> HTML {
        guard !peers.names.isEmpty else {
            return """
                <p class="empty">This server has no peers: what it does not have, it cannot get. Name the headless Service of its \
                replicas in <code>--peers</code>, so that any of them answers for every digest.</p>
                """
        }
        let failing = peers.peers.filter { $0.failure != nil }
        return """
            <p>Looked for at:</p>
            <ul>\(peers.names.map(Self.name))</ul>
            <h2>Modules</h2>
            \(modules.html(failing + peers.peers.filter { $0.failure == nil }, query))
            <h2>Clients</h2>
            \(clients.html(peers.replicas, PageQuery(path: query.path, query: nil)))
            """
    }

    private var modules: Table<PeersDocument.Peer> {
        Table(
            caption: "What peers have",
            id: "peers",
            columns: [
                .init("Peer", "peer", by: { SortKey($0.address) }) { "\($0.address)" },
                .init("State", "state", by: { SortKey($0.state) }) { Self.state($0.state) },
                .init("Digests", "digests", isNumeric: true, by: { SortKey($0.digests) }) { peer in
                    peer.digests.map { "\($0)" } ?? ""
                },
                .init("Last listed", "listed", by: { SortKey($0.lastListed) }) { peer in
                    peer.lastListed.map { RelativeTime($0, now: now).html } ?? "<span class=\"none\">never</span>"
                },
                .init("Problem") { peer in peer.failure.map { "\($0)" } ?? "" },
            ],
            filters: [
                .init(
                    name: "state",
                    title: "State",
                    choices: [FleetDocument.silent, FleetDocument.gone, FleetDocument.told]
                ) { $0.state == $1 }
            ],
            empty:
                "No peer was found yet; that is so when the first replica starts. If it stays so, check the name, DNS, and network policies."
        )
    }

    private static func name(_ name: PeersDocument.Name) -> HTML {
        let failure: HTML? = name.failure.map { ": \(.state("not found", .attention)) \($0)" }
        return "<li><code>\(name.name)</code>\(failure)</li>\n"
    }

    private static func state(_ state: String) -> HTML {
        switch state {
        case FleetDocument.told: .state("tells", .ok)
        case FleetDocument.silent: .state("silent", .attention)
        default: .state(state, .note)
        }
    }

    private var clients: Table<FleetDocument.Replica> {
        Table(
            caption: "Which replicas tell of their clients",
            id: "replicas",
            columns: [
                .init("Operations port") { "\($0.address)" },
                .init("State") { Self.state($0.state) },
                .init("Last told") { replica in
                    replica.lastTold.map { RelativeTime($0, now: now).html } ?? "<span class=\"none\">never</span>"
                },
                .init("Problem") { replica in
                    let clock = replica.clockLead == nil ? nil : replica.clockWords
                    return "\([replica.failure, clock].compactMap(\.self).joined(separator: "; "))"
                },
            ],
            hasPages: false,
            empty: "No replica has told of its clients."
        )
    }
}
