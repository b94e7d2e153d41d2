// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import ModuleCatalog

/// What a person at a terminal sees once the server is ready: what is served, and what to try next.
struct StartupBanner {
    /// How many modules are listed; `/modules` lists all.
    private static let maximumCount = 10

    let snapshot: Snapshot
    /// Where the modules are served: an address or a name, and a port.
    let address: String
    /// Whether that port speaks TLS.
    let isSecure: Bool

    /// Prints it on standard output at once, be that a terminal or a file.
    func print() {
        StandardStream.output.print(text)
    }

    var text: String {
        let base = "\(isSecure ? "https" : "http")://\(address)"
        var lines = ["", "Serving, verified:", ""]
        for module in snapshot.modules.prefix(Self.maximumCount) {
            lines.append("  \(base)\(module.path.urlPath)")
            lines.append("  sha256  \(module.blob.digest)")
            lines.append("")
        }
        guard let first = snapshot.modules.first else { return lines.joined(separator: "\n") }
        lines += [
            "Try next, in another terminal:",
            "",
            "  curl -sSf\(isSecure ? " --cacert FILE" : "") \(base)\(first.path.urlPath) | sha256sum",
            "",
            "Every module: curl -s \(base)/modules      Stop: Ctrl-C",
            "",
        ]
        return lines.joined(separator: "\n")
    }
}
