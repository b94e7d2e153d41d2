// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
package import HTTPSemantics
package import ServerInterface

/// One module: what it is, what it may do, who has it, what was served before it, and how a gateway is told to use it.
package struct ModuleView {
    private let document: ModuleDocument
    private let ports: [ModulePort]
    private let authority: RequestAuthority?
    private let now: String

    /// A view of a module.
    ///
    /// - Parameters:
    ///   - document: What is known of it.
    ///   - ports: Where it is served.
    ///   - authority: Whom the browser takes the server for; nil if that is no name or address.
    ///   - now: The present, a ``Timestamp``.
    package init(_ document: ModuleDocument, ports: [ModulePort], askedAs authority: RequestAuthority?, now: String) {
        (self.document, self.ports, self.authority, self.now) = (document, ports, authority, now)
    }

    private var entry: ModuleIndex.Entry { document.module }

    /// The page.
    package func page(_ query: PageQuery) -> Page {
        let usage = entry.sha256.flatMap { Digest(hexadecimal: $0) }.flatMap { digest in
            ModuleUsage(entry, digest, ports: ports, askedAs: authority).html(query)
        }
        return Page(
            title: entry.title,
            view: .modules,
            content: """
                <h1>\(entry.title)</h1>
                \(replacement)
                \(facts)
                \(usage)
                \(abilities)
                \(makeup)
                \(history)
                """
        )
    }

    /// The page for a path that no module has.
    package static func missing(_ path: String) -> Page {
        Page(
            title: "No such module",
            view: .modules,
            content: """
                <h1>No such module</h1>
                <p>There is no module <code>\(path)</code>. It may have been renamed or withdrawn, or be no longer kept; \
                <a href="/">see those there are</a>.</p>
                """
        )
    }

    // MARK: - What it is

    private var facts: HTML {
        let made = [entry.facts?.language, entry.facts?.toolchain].compactMap(\.self).joined(separator: ", by ")
        let memory = entry.facts?.memoryPages.flatMap { Int(exactly: $0) }.map { pages in
            let bytes = pages.multipliedReportingOverflow(by: 65_536)
            return bytes.overflow ? "\(pages) pages" : "\(SizeText.human(bytes.partialValue)) to begin with"
        }
        return .facts([
            "State": "\(entry.stateWord)\(rejection)",
            "SHA-256": entry.sha256.map { .digest($0, of: entry.title) },
            "Size": entry.size.map { "\(SizeText.human($0)) (\($0) bytes)" },
            "Path": entry.path.map { "<code>\($0)</code>" },
            "By digest": entry.digestPath.map { "<code>\($0)</code>" },
            "Source": entry.source.map { "<code>\($0)</code>" },
            "Since": entry.since.map { RelativeTime($0, now: now).html },
            "Last fetched": entry.sha256 == nil ? nil : fetched,
            "Gateways": gateways,
            "Warnings": entry.rules.map { "\($0.joined(separator: ", "))" },
            "ABI": entry.facts.map { "\($0.abi ?? "none that hosts know")" },
            "Made with": made.isEmpty ? nil : "\(made)",
            "Memory": memory.map { "\($0)" },
            "Loads in": verdicts,
            "Codings": entry.sha256 == nil ? nil : "identity: the bytes themselves, which is what gateways verify",
        ])
    }

    private var replacement: HTML? {
        document.rejected.map { rejected in
            """
            <p>\(.state("rejected", .attention)) What was found here later is rejected, and this is served on: \
            \(rejected.source ?? ""): \(rejected.reason ?? "it may not be served").</p>
            """
        }
    }

    private var rejection: HTML? { entry.reason.map { ": \($0)" } }

    private var fetched: HTML {
        entry.lastFetched.map { RelativeTime($0, now: now).html }
            ?? "<span class=\"none\">never from this replica</span>"
    }

    private var gateways: HTML? {
        guard let counts = document.gateways, let path = entry.path else { return nil }
        let link = PageQuery.link(FleetDocument.path, [("module", path)])
        return "\(counts.html) <a href=\"\(link)\">who</a>"
    }

    private var verdicts: HTML? {
        guard let hosts = entry.hosts, !hosts.isEmpty else { return nil }
        let verdicts = hosts.sorted { $0.key.numbers > $1.key.numbers }.map { host, verdict -> HTML in
            let isLoaded = verdict.verdict == ModuleIndex.Verdict.admitted.rawValue
            let reason = verdict.rules.map { " (\($0.joined(separator: ", ")))" } ?? ""
            return .state("\(host)\(reason)", isLoaded ? .ok : .attention)
        }
        return HTML(verdicts, separator: " ")
    }

    // MARK: - What it may do

    private var abilities: HTML? {
        guard !document.capabilities.isEmpty || !document.callbacks.isEmpty else { return nil }
        let capabilities = document.capabilities.map { use -> HTML in
            let imports = HTML(use.imports.map { "<code>\($0)</code>" as HTML }, separator: " ")
            return "<dt>\(use.description)</dt><dd>\(imports)</dd>\n"
        }
        let callbacks = document.callbacks.map { callback -> HTML in
            "<dt><code>\(callback.name)</code></dt><dd>\(callback.description)</dd>\n"
        }
        let omitted: HTML? =
            document.omittedImports > 0
            ? "<p>\(document.omittedImports) more imports are not listed; no host has them.</p>" : nil
        return """
            <h2>It may</h2>
            <dl>\(capabilities)</dl>
            \(omitted)
            <details><summary>What a host calls (\(document.callbacks.count))</summary><dl>\(callbacks)</dl></details>
            """
    }

    // MARK: - What it is made of

    private var makeup: HTML? {
        guard !document.sections.isEmpty else { return nil }
        let whole = max(document.sections.reduce(0) { $0 + $1.size }, 1)
        let rows = document.sections.map { section -> HTML in
            """
            <tr><th scope="row">\(section.kind)</th><td class="number">\(SizeText.human(section.size))</td>\
            <td class="number">\(SizeText.share(section.size, of: whole))</td></tr>

            """
        }
        let debugging: HTML? =
            document.debugSize > 0
            ? "<p>\(SizeText.human(document.debugSize)) of it is for debuggers, which no gateway needs: strip it.</p>"
            : nil
        return """
            <h2>Sections</h2>
            <div class="scroll" role="region" tabindex="0" aria-label="Sections"><table><caption class="unseen">Sections</caption>
            <thead><tr><th scope="col">Section</th><th scope="col" class="number">Size</th>\
            <th scope="col" class="number">Share</th></tr></thead>
            <tbody>\(rows)</tbody></table></div>
            \(debugging)
            """
    }

    // MARK: - What was before it

    private var history: HTML? {
        guard !document.history.isEmpty else { return nil }
        let rows = document.history.map { period -> HTML in
            let until: HTML = period.until.map { RelativeTime($0, now: now).html } ?? "now"
            return """
                <tr><th scope="row">\(.digest(period.sha256, of: "what was served since \(period.since)"))</th>\
                <td>\(RelativeTime(period.since, now: now).html)</td><td>\(until)</td></tr>

                """
        }
        return """
            <h2>Served here</h2>
            <p>At this path, since this process runs.</p>
            <div class="scroll" role="region" tabindex="0" aria-label="Served here"><table><caption class="unseen">Served here</caption>
            <thead><tr><th scope="col">SHA-256</th><th scope="col">From</th><th scope="col">Until</th></tr></thead>
            <tbody>\(rows)</tbody></table></div>
            """
    }
}

extension String {
    /// What `envoy-1.9` and `envoy-1.40` are ordered by: their numbers as numbers.
    fileprivate var numbers: [Int] {
        split(whereSeparator: { !("0"..."9").contains($0) }).map { Int($0) ?? 0 }
    }
}

extension [Int] {
    fileprivate static func > (first: [Int], second: [Int]) -> Bool { second.lexicographicallyPrecedes(first) }
}
