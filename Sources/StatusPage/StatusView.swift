// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
package import ServerInterface

/// The first view: what needs someone's attention, and all modules.
package struct StatusView {
    private let status: StatusDocument
    private let gateways: [String: FleetDocument.Counts]

    /// A view of the server.
    ///
    /// - Parameters:
    ///   - status: How it is, and its modules.
    ///   - fleet: Who has fetched them; nil if nobody is remembered.
    package init(_ status: StatusDocument, _ fleet: FleetDocument?) {
        self.status = status
        gateways = Dictionary(fleet?.modules.map { ($0.path, $0.gateways) } ?? []) { first, _ in first }
    }

    /// The page.
    package func page(_ query: PageQuery) -> Page {
        Page(
            title: "Overview",
            view: .modules,
            content: """
                <h1 class="unseen">Overview</h1>
                \(findings)
                <h2>Modules</h2>
                \(table.html(rejectedFirst, query))
                \(unnamed)
                \(sources)
                """
        )
    }

    /// What is wrong, before what is right.
    private var findings: HTML? {
        guard !status.findings.isEmpty else { return nil }
        let items = status.findings.map { finding -> HTML in
            """
            <li>\(.state(finding.level.rawValue, finding.level)) <a href="\(finding.view)">\(finding.subject)</a>: \(finding.text)</li>

            """
        }
        return
            "<section aria-labelledby=\"findings\"><h2 id=\"findings\">Look at</h2><ul class=\"findings\">\(items)</ul></section>"
    }

    private var rejectedFirst: [ModuleIndex.Entry] { rejected + status.catalog.filter { !$0.isRejected } }

    private var rejected: [ModuleIndex.Entry] { status.catalog.filter(\.isRejected) }

    private var table: Table<ModuleIndex.Entry> {
        Table(
            caption: "Modules",
            id: "modules",
            columns: [
                .init("Module", "name", by: { SortKey($0.title) }, cell: name),
                .init("State", "state", by: { SortKey($0.state) }, cell: \.stateWord),
                .init("Size", "size", isNumeric: true, by: { SortKey($0.size) }) { entry in
                    entry.size.map { "<span title=\"\($0) bytes\">\(SizeText.human($0))</span>" } ?? ""
                },
                .init("SHA-256") { entry in entry.sha256.map { .digest($0, of: entry.title) } ?? "" },
                .init("Last fetched", "fetched", by: { SortKey($0.lastFetched) }) { entry in
                    if let last = entry.lastFetched { return RelativeTime(last, now: status.time).html }
                    return entry.sha256 == nil ? "" : "<span class=\"none\">never</span>"
                },
                .init("Gateways", "gateways", by: { SortKey(counts(of: $0)?.all) }) { counts(of: $0)?.html ?? "" },
                .init("Since", "since", by: { SortKey($0.since) }) { entry in
                    entry.since.map { RelativeTime($0, now: status.time).html } ?? ""
                },
            ],
            filters: [
                .init(name: "state", title: "State", choices: ["current", "kept", "rejected"]) { $0.state == $1 }
            ],
            contains: { entry, text in
                [entry.title, entry.path, entry.sha256, entry.source, entry.reason].contains { field in
                    field?.lowercased().contains(text) ?? false
                }
            },
            empty: "Nothing was found to serve. Mount a .wasm file or a directory, and name it in the settings."
        )
    }

    private func name(of entry: ModuleIndex.Entry) -> HTML {
        let title: HTML = entry.view.map { "<a href=\"\($0)\">\(entry.title)</a>" } ?? "\(entry.title)"
        let path: HTML? = entry.path.map { "<br><small>\($0)</small>" }
        let reason: HTML? = entry.reason.map { "<br><small class=\"reason\">\(entry.source ?? ""): \($0)</small>" }
        return "\(title)\(path)\(reason)"
    }

    private func counts(of entry: ModuleIndex.Entry) -> FleetDocument.Counts? {
        guard entry.state != ModuleIndex.State.kept.rawValue else { return nil }
        return entry.path.flatMap { gateways[$0] }
    }

    private var unnamed: HTML? {
        let more = status.modules.rejected - rejected.count
        return more > 0 ? "<p>\(more) more are rejected, which are not listed.</p>" : nil
    }

    private var sources: HTML {
        let items = status.sources.map { source -> HTML in
            let checked: HTML =
                source.lastChecked.map { "looked through \(RelativeTime($0, now: status.time).html)" }
                ?? "not looked through yet"
            return "<li><code>\(source.source)</code>: \(checked)</li>\n"
        }
        return "<h2>Sources</h2><ul>\(items)</ul>"
    }
}
