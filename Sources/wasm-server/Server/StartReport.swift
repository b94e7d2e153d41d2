// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CVersion
internal import Content
internal import Logging
internal import ModuleCatalog
internal import Operations

/// The first line of the log: which program this is, what it was told, and where.
///
/// No setting is a secret: keys are named by their files.
struct StartReport {
    let settings: Settings

    /// Logs the line.
    func log(to logger: Logger) {
        logger.info("starting", metadata: metadata)
    }

    /// What the line has: all settings by their names, and where those were given that are not as by default.
    ///
    /// A person at a terminal, who can ask for the defaults by `--help`, is shown what was given.
    var metadata: Logger.Metadata {
        let shown = Setting.allCases.filter { settings.logFormat == .json || settings.places[$0] != nil }
        return [
            "version": "\(Version.current)",
            "revision": "\(Version.revision)",
            "settings": .dictionary(Self.dictionary(shown.map { ($0.key, $0.declaration.logged(of: settings)) })),
            "given": .dictionary(settings.places.reduce(into: [:]) { $0[$1.key.key] = "\($1.value.name)" }),
        ]
    }

    private static func dictionary(_ members: [(String, Logger.MetadataValue?)]) -> Logger.Metadata {
        Dictionary(uniqueKeysWithValues: members).compactMapValues(\.self)
    }
}

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

/// What was built.
enum Version {
    /// The version of the program (Semantic Versioning 2.0.0).
    static let current = unsafe String(cString: version_number())

    /// The commit of its sources; `unknown` after a plain `swift build`.
    static let revision = unsafe String(cString: version_revision())

    /// What `--version` prints.
    static let line = "\(current) (revision \(revision))"
}
