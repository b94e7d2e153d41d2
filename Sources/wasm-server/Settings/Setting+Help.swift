// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ArgumentParser
internal import Logging
internal import Operations

extension Setting {
    /// What `--help` says of the flag, and the documentation of the setting: what it is for, its default, and what it may be.
    var help: ArgumentHelp {
        ArgumentHelp("\(purpose) (default: \(defaultText))", discussion: rule, valueName: valueName)
    }

    /// What a shell offers for its value.
    var completion: CompletionKind {
        switch self {
        case .sources, .tlsCertificate, .tlsKey, .tlsClientCA, .tlsPeersCA: .file()
        case .logLevel: .list(Logger.Level.allCases.map(\.rawValue))
        case .logFormat: .list(LogFormat.allCases.map(\.rawValue))
        default: .default
        }
    }

    /// What it is for.
    private var purpose: String {
        switch self {
        case .sources: "Files that end in .wasm, and directories: every .wasm below one at its relative path."
        case .host: "The address to listen on."
        case .port: "The data port."
        case .operationsPort: "The port of probes and metrics, always plain HTTP."
        case .tlsCertificate: "The server's certificate and those that lead to its authority, PEM."
        case .tlsKey: "The certificate's private key, PEM."
        case .tlsClientCA: "Require client certificates issued by these authorities, PEM."
        case .tlsAllowedClient: "A DNS name or SPIFFE id; a client's certificate must have one of those named."
        case .tlsPeersCA: "The authorities of peers' certificates, PEM."
        case .tlsPort:
            "A port for TLS beside the plain one, which goes on to serve modules to anyone, without a client certificate."
        case .peers: "HOST[:PORT] of this server's peers, itself included: a headless Service, or an address."
        case .adoptTimeout:
            """
            How long a new server may take over modules from its peers before it is ready, and longer if they are far away; \
            0 takes over nothing unasked.
            """
        case .maximumModuleSize: "The largest module; a larger one is rejected."
        case .maximumConnections: "Open connections of a data port; more wait."
        case .maximumConnectionsPerClient: "Open connections of one client address; more are closed."
        case .retain: "How long to serve a module by digest after it was last current or fetched."
        case .retainMemory: "The memory for modules that are no longer current."
        case .rehash: "How often to read every source again, whatever sizes and times of files say."
        case .drainDelay: "How long to accept connections after SIGTERM."
        case .drainTimeout: "How long downloads under way may take after that."
        case .logLevel: "The least important lines that are logged."
        case .logFormat: "How log lines look."
        }
    }

    private var defaultText: String {
        switch self {
        case .sources: "/wasm/plugin.wasm, as /plugin.wasm"
        case .host: "every address, IPv4 and IPv6"
        case .port: "\(SettingsReader.defaultPort)"
        case .operationsPort: "\(SettingsReader.defaultOperationsPort)"
        case .tlsCertificate, .tlsKey: "no TLS"
        case .tlsClientCA: "no client certificate is required"
        case .tlsAllowedClient: "any of the authorities'"
        case .tlsPeersCA: "\(Self.tlsClientCA.flag), else what the system trusts"
        case .tlsPort: "the data port speaks TLS only"
        case .peers:
            "no peers; the default port is this server's own, \(Self.tlsPort.flag) or else \(Self.port.flag)"
        case .adoptTimeout: TimeSpan.text(SettingsReader.defaultAdoptTimeout)
        case .maximumModuleSize: ByteCount.text(SettingsReader.defaultMaximumModuleSize)
        case .maximumConnections: "\(SettingsReader.defaultMaximumConnections)"
        case .maximumConnectionsPerClient: "any number"
        case .retain: TimeSpan.text(SettingsReader.defaultRetain)
        case .retainMemory: ByteCount.text(SettingsReader.defaultRetainedMemory)
        case .rehash: TimeSpan.text(SettingsReader.defaultRehash)
        case .drainDelay: TimeSpan.text(SettingsReader.defaultDrainDelay)
        case .drainTimeout: TimeSpan.text(SettingsReader.defaultDrainTimeout)
        case .logLevel: "\(SettingsReader.defaultLogLevel)"
        case .logFormat: "text on a terminal, else json"
        }
    }

    /// What a value may be; of a list, how several are given.
    private var rule: String {
        switch self {
        case .sources: "Up to 64, separated by spaces; in a variable by commas, in a file as a list."
        case .tlsAllowedClient, .peers: "Repeatable; in a variable separated by commas, in a file as a list."
        default: "Must be \(allowed)."
        }
    }

    private var valueName: String {
        switch self {
        case .sources: "source"
        case .host: "address"
        case .port, .operationsPort, .tlsPort: "port"
        case .tlsCertificate, .tlsKey, .tlsClientCA, .tlsPeersCA: "file"
        case .tlsAllowedClient: "name"
        case .peers: "host"
        case .adoptTimeout, .retain, .rehash, .drainDelay, .drainTimeout: "time"
        case .maximumModuleSize, .retainMemory: "size"
        case .maximumConnections, .maximumConnectionsPerClient: "number"
        case .logLevel: "level"
        case .logFormat: "format"
        }
    }
}
