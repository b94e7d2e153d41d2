// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Credentials
internal import HTTPTransport
internal import Logging
internal import ModuleCatalog
internal import Operations
internal import ServerClient

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
