// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// One thing that can be set: by a flag, by a variable, in the file.
///
/// What is declared of each, ``declaration`` says; flags, variables, keys, `--help` and docs/configuration.md are made of it.
enum Setting: String, CaseIterable, CodingKey {
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

    /// Settings that have an effect together, or none.
    enum Group {
        case server
        case tls
        case peers
    }

    /// The key in the configuration file.
    var key: String { rawValue }

    /// The flag; of sources, which are given without one, what messages call them.
    var flag: String { self == .sources ? "arguments" : "--\(rawValue)" }

    /// The environment variable.
    var variable: String {
        "\(Variables.prefix)\(rawValue.uppercased().split(separator: "-").joined(separator: "_"))"
    }
}
