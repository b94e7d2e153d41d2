// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CVersion
internal import Content
internal import Logging
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
    /// A person at a terminal, who can ask for the defaults by `--help` and knows where settings were given, is shown what was given.
    var metadata: Logger.Metadata {
        let isDocument = settings.logFormat == .json
        let shown = Setting.allCases.filter { isDocument || settings.places[$0] != nil }
        var metadata: Logger.Metadata = [
            "version": "\(Version.current)",
            "revision": "\(Version.revision)",
            "settings": .dictionary(Self.dictionary(shown.map { ($0.key, $0.declaration.logged(of: settings)) })),
        ]
        if isDocument {
            metadata["given"] = .dictionary(settings.places.reduce(into: [:]) { $0[$1.key.key] = "\($1.value.name)" })
        }
        return metadata
    }

    private static func dictionary(_ members: [(String, Logger.MetadataValue?)]) -> Logger.Metadata {
        Dictionary(uniqueKeysWithValues: members).compactMapValues(\.self)
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
