// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Logging
internal import ModuleCatalog
internal import Operations

/// All that `serve` can be told, resolved.
struct Settings: Equatable {
    /// Where modules come from.
    var sources: [Source]
    /// An address of this machine; nil for all of both families.
    var host: String?
    /// Where modules are served; 0 picks a free port.
    var port: Int
    /// Where probes are answered; 0 picks a free port.
    var operationsPort: Int
    /// What makes it speak TLS; nil for plain ports only.
    var tls: TLSSettings?
    /// Its peers; nil for none.
    var peers: PeerSettings?
    /// In bytes.
    var maximumModuleSize: Int
    /// Open connections of each data port.
    var maximumConnections: Int
    /// Open connections of one client address; nil for any number.
    var maximumConnectionsPerClient: Int?
    /// How long after it was last current or fetched a module is kept, in seconds.
    var retain: Duration
    /// The memory for what is kept, in bytes.
    var retainedMemory: Int
    /// How often every source is read anew.
    var rehash: Duration
    /// How long connections are still accepted once a shutdown has begun.
    var drainDelay: Duration
    /// How long downloads under way may take after that.
    var drainTimeout: Duration
    var logLevel: Logger.Level
    var logFormat: LogFormat
    /// Where settings were given.
    var places: [Setting: Place] = [:]
    /// What a person should know of the variables: those that are ignored.
    var warnings: [String] = []

    /// A setting as it was given, or its flag.
    func place(of setting: Setting) -> Place { places[setting] ?? .flag(setting.flag) }
}

/// One thing that can be set: by a flag, by a variable, in the file.
enum Setting: String, CaseIterable {
    case sources
    case host
    case port
    case operationsPort = "operations-port"
    case tlsCertificate = "tls-certificate"
    case tlsKey = "tls-key"
    case tlsClientCA = "tls-client-ca"
    case tlsAllowedClient = "tls-allowed-client"
    case tlsPeersCA = "tls-peers-ca"
    case tlsPort = "tls-port"
    case peers
    case adoptTimeout = "adopt-timeout"
    case maximumModuleSize = "max-module-size"
    case maximumConnections = "max-connections"
    case maximumConnectionsPerClient = "max-connections-per-client"
    case retain
    case retainMemory = "retain-memory"
    case rehash
    case drainDelay = "drain-delay"
    case drainTimeout = "drain-timeout"
    case logLevel = "log-level"
    case logFormat = "log-format"

    /// The key in the configuration file.
    var key: String { rawValue }

    /// Whether it takes a list of values.
    var isList: Bool { [.sources, .tlsAllowedClient, .peers].contains(self) }

    /// The flag.
    var flag: String { "--\(rawValue)" }

    /// The environment variable.
    var variable: String {
        "WASM_SERVER_\(rawValue.uppercased().split(separator: "-").joined(separator: "_"))"
    }

    /// What a value may be, in words that follow "must be".
    var allowed: String {
        switch self {
        case .sources: "a list of files and directories, no more than 64"
        case .host: "an address or a name of this machine, without a port, or * for every address"
        case .tlsCertificate, .tlsKey, .tlsClientCA, .tlsPeersCA: "the path of a PEM file"
        case .tlsAllowedClient: "a list of DNS names and SPIFFE ids"
        case .peers: "a list of hosts, each with a port or without, no more than 64"
        case .maximumConnections, .maximumConnectionsPerClient: "a number from 1 to 1000000"
        case .retain: "a time with its unit, of up to 8760h, such as 24h or 7d; 0 keeps nothing"
        case .rehash: "a time from 1s to 8760h, such as 10m"
        case .drainDelay, .drainTimeout, .adoptTimeout: "a time of up to 1h, in seconds or with a unit: 5, 500ms, 2m"
        case .port, .operationsPort, .tlsPort: "a number from 0 to 65535 (0 picks a free port)"
        case .maximumModuleSize, .retainMemory: "a size from 1 byte to 2GiB, such as 1048576, 64MiB or 32MB"
        case .logLevel: "one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))"
        case .logFormat: "one of \(LogFormat.allCases.map(\.rawValue).joined(separator: ", "))"
        }
    }
}
