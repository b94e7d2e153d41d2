// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import ModuleCatalog
internal import Operations
internal import ProxyWasm

/// What a person at a terminal sees once the server serves: what is served and where, what is not, and what to try next.
struct StartupBanner {
    /// A port that is open.
    struct Port {
        /// What it is for.
        let listener: Listener
        /// An address or a name, and the number.
        let address: String

        /// Where it is asked.
        var url: String { "\(listener == .tls ? "https" : "http")://\(address)" }

        /// What it is for, in words.
        fileprivate var purpose: String {
            switch listener {
            case .data: "modules"
            case .tls: "modules, over TLS"
            case .operations: "a page, probes and metrics: /, /readyz, /metrics"
            }
        }
    }

    /// How many modules are listed; `/modules` lists all.
    private static let maximumCount = 10

    let snapshot: Snapshot
    /// Whom modules are for.
    let host: HostProfile
    /// The ports, of which the first serves modules.
    let ports: [Port]

    /// Prints it on standard output at once, be that a terminal or a file; the server goes on if nobody reads it.
    func print() {
        StandardStream.output.offer(text)
    }

    var text: String {
        guard let port = ports.first else { return "" }
        let base = port.url
        let listed = snapshot.modules.prefix(Self.maximumCount)
        var lines = Self.section("Serving, verified:", listed.filter { !$0.isRefusedByItsHost }, base)
        lines += Self.section("Serving, though \(host) would not load it:", listed.filter(\.isRefusedByItsHost), base)
        if !snapshot.isComplete {
            lines += ["\(snapshot.rejectedCount) rejected, so not ready: see \(base)/modules", ""]
        }
        lines += ["Ports:", ""] + ports.map { "  \($0.url)  \($0.purpose)" } + [""]
        guard let first = listed.first else { return lines.joined(separator: "\n") }
        lines += [
            "Try next, in another terminal:",
            "",
            "  curl -sSf\(port.listener == .tls ? " --cacert FILE" : "") \(base)\(first.path.urlPath) | sha256sum",
            "",
            "Every module: curl -s \(base)/modules      Stop: Ctrl-C",
            "",
        ]
        return lines.joined(separator: "\n")
    }

    /// Modules with their digests below a title; nothing if there are none.
    private static func section(_ title: String, _ modules: [Module], _ base: String) -> [String] {
        guard !modules.isEmpty else { return [] }
        return ["", title, ""]
            + modules.flatMap { ["  \(base)\($0.path.urlPath)", "  sha256  \($0.blob.digest)", ""] }
    }
}

extension Module {
    /// Whether it is served though its host would not load it.
    fileprivate var isRefusedByItsHost: Bool { content.warnings.contains { $0.effect == .refuses } }
}
