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
            "settings": .dictionary(Self.dictionary(shown.map { ($0.key, value(of: $0)) })),
            "given": .dictionary(settings.places.reduce(into: [:]) { $0[$1.key.key] = "\($1.value.name)" }),
        ]
    }

    private static func dictionary(_ members: [(String, Logger.MetadataValue?)]) -> Logger.Metadata {
        Dictionary(uniqueKeysWithValues: members).compactMapValues(\.self)
    }

    /// The value of a setting, as JSON has it: bytes and times are numbers; nil for one that is off.
    private func value(of setting: Setting) -> Logger.MetadataValue? {
        switch setting {
        case .sources: .array(settings.sources.map { "\($0)" })
        case .host: settings.host.map { "\($0)" }
        case .port: .stringConvertible(settings.port)
        case .operationsPort: .stringConvertible(settings.operationsPort)
        case .tlsCertificate: (settings.tls?.files.certificateChain).map { "\($0)" }
        case .tlsKey: (settings.tls?.files.privateKey).map { "\($0)" }
        case .tlsClientCA: (settings.tls?.files.clientAuthorities).map { "\($0)" }
        case .tlsAllowedClient: (settings.tls?.allowedClients).map { .array($0.map { "\($0)" }) }
        case .tlsPeersCA: (settings.tls?.files.peerAuthorities).map { "\($0)" }
        case .tlsPort: (settings.tls?.port).map { .stringConvertible($0) }
        case .peers: (settings.peers?.names).map { .array($0.map { "\($0)" }) }
        case .adoptTimeout: (settings.peers?.adoptTimeout).map { .stringConvertible($0) }
        case .maximumModuleSize: .stringConvertible(settings.maximumModuleSize)
        case .maximumConnections: .stringConvertible(settings.maximumConnections)
        case .maximumConnectionsPerClient: settings.maximumConnectionsPerClient.map { .stringConvertible($0) }
        case .retain: .stringConvertible(settings.retain)
        case .retainMemory: .stringConvertible(settings.retainedMemory)
        case .rehash: .stringConvertible(settings.rehash)
        case .drainDelay: .stringConvertible(settings.drainDelay)
        case .drainTimeout: .stringConvertible(settings.drainTimeout)
        case .logLevel: "\(settings.logLevel)"
        case .logFormat: "\(settings.logFormat.rawValue)"
        }
    }
}
