// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
package import ServerInterface

/// A view of the server, as a document of HTML that needs nothing else: its style and its script are in it, and no other is obeyed.
package struct Page: Sendable {
    /// One of the views that each page leads to.
    package enum View: CaseIterable, Sendable {
        case modules
        case fleet
        case peers
        case certificates
        case settings

        /// Where it is.
        package var path: String {
            switch self {
            case .modules: StatusDocument.path
            case .fleet: FleetDocument.path
            case .peers: PeersDocument.path
            case .certificates: CertificatesDocument.path
            case .settings: SettingsDocument.path
            }
        }

        fileprivate var title: String {
            switch self {
            case .modules: "Modules"
            case .fleet: "Fleet"
            case .peers: "Peers"
            case .certificates: "Certificates"
            case .settings: "Settings"
            }
        }
    }

    /// What it is called.
    let title: String
    /// Which view it belongs to.
    let view: View
    /// What it shows.
    let content: HTML

    private static let style = String(decoding: PackageResources.page_css, as: UTF8.self)
    private static let script = String(decoding: PackageResources.page_js, as: UTF8.self)

    /// The value of `Content-Security-Policy`: nothing but the page's own style and script, named by their digests.
    package static let contentSecurityPolicy = [
        "default-src 'none'", "style-src '\(source(of: style))'", "script-src '\(source(of: script))'", "img-src data:",
        "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
    ]
    .joined(separator: "; ")

    private static func source(of resource: String) -> String {
        "sha256-\(Digest(of: Array(resource.utf8)).base64)"
    }

    /// The document.
    ///
    /// - Parameters:
    ///   - status: How the server is, which every page says.
    ///   - query: How the view was asked for.
    /// - Returns: The bytes, in UTF-8.
    package func document(_ status: StatusDocument, _ query: PageQuery) -> [UInt8] {
        let document: HTML = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\(title) - Wasm Server</title>
            <link rel="icon" href="data:image/svg+xml,\(Self.icon(status.level))">
            <style>\(HTML(resource: Self.style))</style>
            </head>
            <body>
            <a class="skip" href="#main">Skip to content</a>
            <header>
            <p class="brand"><a href="/">Wasm Server</a></p>
            <nav aria-label="Views"><ul>\(View.allCases.map(entry))</ul></nav>
            </header>
            \(Self.line(status))
            <main id="main" tabindex="-1">
            \(content)
            </main>
            <footer>
            <p>Version \(status.version), revision \(status.revision); replica <code>\(status.instance)</code>, started \
            \(RelativeTime(status.started, now: status.time).html). Shown as of <time datetime="\(status.time)">\(status.time)</time>.</p>
            <p id="more"><a href="\(query.link(["format": "json"]))">This view as JSON</a> <a href="/metrics">Metrics</a> \
            <a href="/readyz?verbose">Readiness</a></p>
            <p id="said" role="status"></p>
            </footer>
            <script>\(HTML(resource: Self.script))</script>
            </body>
            </html>

            """
        return Array(document.markup.utf8)
    }

    private func entry(_ view: View) -> HTML {
        let current: HTML = view == self.view ? " aria-current=\"page\"" : ""
        return "<li><a href=\"\(view.path)\"\(current)>\(view.title)</a></li>"
    }

    /// The one line that says how the server is: in words, with a sign and a colour beside them.
    private static func line(_ status: StatusDocument) -> HTML {
        """
        <p class="status \(status.level.rawValue)" role="status"><span aria-hidden="true">\(status.level.sign)</span> \
        <strong>\(status.level.word(isReady: status.ready))</strong> \(status.summary)</p>
        """
    }

    /// The sign of a state, for the browser's tab.
    private static func icon(_ level: StatusDocument.Level) -> String {
        let colour =
            switch level {
            case .failing: "b3261e"
            case .attention: "8a5a00"
            case .note, .ok: "1b6e3c"
            }
        // What a URL may not have as it is, is percent-encoded (RFC 3986 §2).
        return """
            %3Csvg%20xmlns='http://www.w3.org/2000/svg'%20viewBox='0%200%2016%2016'%3E%3Ccircle%20cx='8'%20cy='8'%20r='8'%20\
            fill='%23\(colour)'/%3E%3Ctext%20x='8'%20y='12'%20fill='white'%20font-size='11'%20text-anchor='middle'%3E\
            \(level.sign.utf8.map { "%\(String($0, radix: 16))" }.joined())%3C/text%3E%3C/svg%3E
            """
    }
}

extension StatusDocument.Level {
    /// A sign, for those who cannot tell colours apart.
    var sign: String {
        switch self {
        case .failing: "\u{2715}"
        case .attention: "!"
        case .note: "i"
        case .ok: "\u{2713}"
        }
    }

    /// The first words of the line of status.
    fileprivate func word(isReady: Bool) -> String {
        switch self {
        case .failing: isReady ? "Failing." : "Not ready."
        case .attention: "Needs attention."
        case .note, .ok: "All is well."
        }
    }
}
