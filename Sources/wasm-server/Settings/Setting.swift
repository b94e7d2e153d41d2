// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ArgumentParser
internal import Credentials
internal import Fleet
internal import ModuleCatalog
internal import ServerClient

/// One thing that can be set: by a flag, by a variable, in the file.
///
/// Each has a ``declaration``, of which flags, variables, keys, `--help` and docs/configuration.md are made.
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
    case hostProfile = "host-profile"
    case admission
    case maximumConnections = "max-connections"
    case maximumConnectionsPerClient = "max-connections-per-client"
    case trustedProxies = "trusted-proxies"
    case fleetClients = "fleet-clients"
    case fleetRetain = "fleet-retain"
    case retain
    case retainMemory = "retain-memory"
    case rehash
    case drainDelay = "drain-delay"
    case drainTimeout = "drain-timeout"
    case logLevel = "log-level"
    case logFormat = "log-format"
    case otlpEndpoint = "otlp-endpoint"

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

extension Setting {
    /// What is declared of it.
    var declaration: SettingDeclaration { Self.table[self, default: entry] }

    private static let table = Dictionary(uniqueKeysWithValues: allCases.map { ($0, $0.entry) })

    /// The table of settings: what each is for, which field of ``Settings`` it sets, and what it may be.
    ///
    /// A new one is a case and an entry here, a field there, and whatever acts by it.
    private var entry: SettingDeclaration {
        switch self {
        case .sources:
            SettingDeclaration(
                "Files that end in .wasm, and directories: every .wasm below one at its relative path.",
                \.sources,
                .list(of: "source", "a list of files and directories, no more than 64", completion: .file()) {
                    Source.path($0)
                },
                default: "/wasm/plugin.wasm, as /plugin.wasm",
                rule: "Up to 64, separated by spaces; in a variable by commas, in a file as a list."
            )
        case .host:
            SettingDeclaration(
                "The address to listen on.",
                \.host,
                .host,
                default: "every address, IPv4 and IPv6",
                isProtecting: true
            )
        case .port:
            SettingDeclaration("The data port.", \.port, .port)
        case .operationsPort:
            SettingDeclaration("The port of the page, probes and metrics, always plain HTTP.", \.operationsPort, .port)
        case .tlsCertificate:
            SettingDeclaration(
                "The server's certificate and those that lead to its authority, PEM.",
                \.tls.certificate,
                .file,
                default: "no TLS",
                group: .tls
            )
        case .tlsKey:
            SettingDeclaration(
                "The certificate's private key, PEM.",
                \.tls.key,
                .file,
                default: "no TLS",
                group: .tls
            )
        case .tlsClientCA:
            SettingDeclaration(
                "Require client certificates issued by these authorities, PEM.",
                \.tls.clientAuthorities,
                .file,
                default: "no client certificate is required",
                group: .tls
            )
        case .tlsAllowedClient:
            SettingDeclaration(
                "A DNS name or SPIFFE id; a client's certificate must have one of those named.",
                \.tls.allowedClients,
                .list(of: "name", "a list of DNS names and SPIFFE ids") { try ClientIdentity($0) },
                default: "any of the authorities'",
                group: .tls
            )
        case .tlsPeersCA:
            SettingDeclaration(
                "The authorities of peers' certificates, PEM.",
                \.tls.peerAuthorities,
                .file,
                default: "\(Self.tlsClientCA.flag), else what the system trusts",
                group: .tls
            )
        case .tlsPort:
            SettingDeclaration(
                """
                A port for TLS beside the plain one, which goes on to serve modules to anyone, without a client \
                certificate.
                """,
                \.tls.port,
                .port,
                default: "the data port speaks TLS only",
                group: .tls
            )
        case .peers:
            SettingDeclaration(
                "HOST[:PORT] of this server's peers, itself included: a headless Service, or an address.",
                \.peers.names,
                .list(of: "host", "a list of hosts, each with a port or without, no more than 64") {
                    try ServerName($0)
                },
                default: """
                    no peers; the default port is this server's own, \(Self.tlsPort.flag) or else \(Self.port.flag)
                    """,
                group: .peers
            )
        case .adoptTimeout:
            SettingDeclaration(
                """
                How long a new server may take over modules from its peers before it is ready, and longer if they are \
                far away; 0 takes over nothing unasked.
                """,
                \.peers.adoptTimeout,
                .pause,
                group: .peers
            )
        case .maximumModuleSize:
            SettingDeclaration("The largest module; a larger one is rejected.", \.maximumModuleSize, .size)
        case .hostProfile:
            SettingDeclaration(
                "The oldest host that modules are for; what it would not load is rejected.",
                \.hostProfile,
                .host
            )
        case .admission:
            SettingDeclaration(
                "What becomes of a valid module that its host would not load: rejected (enforce), or served (warn).",
                \.admission,
                .choice(of: "mode")
            )
        case .maximumConnections:
            SettingDeclaration("Open connections of a data port; more wait.", \.maximumConnections, .connections)
        case .maximumConnectionsPerClient:
            SettingDeclaration(
                "Open connections of one client address; more are closed.",
                \.maximumConnectionsPerClient,
                .connections,
                default: "any number",
                isProtecting: true
            )
        case .trustedProxies:
            SettingDeclaration(
                "Proxies, by address or network, whose X-Forwarded-For says who a client is; for /fleet alone.",
                \.fleet.trustedProxies,
                .list(of: "network", "a list of addresses and networks") { try AddressRange($0) },
                default: "none: a client is its certificate, or else its address"
            )
        case .fleetClients:
            SettingDeclaration(
                "How many clients /fleet remembers; 0 remembers none.",
                \.fleet.clients,
                .clients
            )
        case .fleetRetain:
            SettingDeclaration(
                "How long /fleet remembers a client after it last came.",
                \.fleet.retain,
                .retention
            )
        case .retain:
            SettingDeclaration(
                "How long to serve a module by digest after it was last current or fetched.",
                \.retain,
                .retention
            )
        case .retainMemory:
            SettingDeclaration("The memory for modules that are no longer current.", \.retainedMemory, .size)
        case .rehash:
            SettingDeclaration(
                "How often to read every source again, whatever sizes and times of files say.",
                \.rehash,
                .interval
            )
        case .drainDelay:
            SettingDeclaration("How long to accept connections after SIGTERM.", \.drainDelay, .pause)
        case .drainTimeout:
            SettingDeclaration("How long downloads under way may take after that.", \.drainTimeout, .pause)
        case .logLevel:
            SettingDeclaration("The least important lines that are logged.", \.logLevel, .choice(of: "level"))
        case .logFormat:
            SettingDeclaration(
                "How log lines look.",
                \.logFormat,
                .choice(of: "format"),
                default: "text on a terminal, else json"
            )
        case .otlpEndpoint:
            SettingDeclaration(
                "A collector that is sent a span of each fetch, by OTLP over HTTP: the URL before /v1/traces.",
                \.otlpEndpoint,
                .endpoint,
                default: "none: nothing is sent, whatever OTEL_… variables say"
            )
        }
    }
}
