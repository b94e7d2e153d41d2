// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Credentials
internal import Fleet
internal import HTTPProtocol
internal import HTTPTransport
internal import Logging
internal import ModuleCatalog
internal import Operations
internal import ProxyWasm
internal import ServerClient
internal import Tracing

/// All that `serve` can be told, resolved; at first, the defaults.
struct Settings: Equatable {
    /// Where modules come from; Kuadrant's operator mounts its plugin there (`wasm_server.go`).
    var sources = [Source.plugin(file: "/wasm/plugin.wasm")]
    /// An address of this machine; nil for all of both families.
    var host: String?
    /// Where modules are served; 0 picks a free port.
    var port = 8082
    /// Where probes are answered; 0 picks a free port.
    var operationsPort = 9082
    /// What makes it speak TLS.
    var tls = TLSSettings()
    /// Where its peers are.
    var peers = PeerSettings()
    /// What is remembered of who fetches.
    var fleet = FleetSettings()
    /// In bytes: Envoy accepts at most 32 MiB from a remote source, istio-agent and Envoy Gateway 256 MiB.
    var maximumModuleSize = 256 << 20
    /// Whom modules are for.
    var hostProfile = HostProfile.newest
    /// What comes of a valid module that they would not load.
    var admission = AdmissionPolicy.Mode.enforce
    /// Open connections of each data port: what gateways that start at once need many times over, in memory that a small
    /// container has.
    var maximumConnections = ConnectionLimits().count
    /// Open connections of one client address; nil for any number.
    var maximumConnectionsPerClient: Int?
    /// How long after it was last current or fetched a module is kept: a day, as long as Envoy itself remembers a module that
    /// nobody uses (`wasm.cc`).
    var retain = Duration.seconds(24 * 3600)
    /// The memory for what is kept, in bytes.
    var retainedMemory = 256 << 20
    /// How often every source is read anew.
    var rehash = Duration.seconds(600)
    /// How long connections are still accepted once a shutdown has begun: as long as Kubernetes may take to tell everyone that
    /// an endpoint is gone.
    var drainDelay = Duration.seconds(5)
    /// How long downloads under way may take after that.
    var drainTimeout = Duration.seconds(30)
    var logLevel = Logger.Level.info
    var logFormat = LogFormat.json
    /// Who is told of fetches as spans; nil for nobody.
    var otlpEndpoint: CollectorEndpoint?
    /// Where settings were given.
    var places: [Setting: Place] = [:]
    /// What a person should know of the variables: those that are ignored.
    var warnings: [String] = []

    /// Where a setting was given, or its flag.
    func place(of setting: Setting) -> Place { places[setting] ?? .flag(setting.flag) }

    /// A setting as it was given, or its flag.
    func name(of setting: Setting) -> String { place(of: setting).name }

    /// Whether the settings of a group have an effect.
    func uses(_ group: Setting.Group) -> Bool {
        switch group {
        case .server: true
        case .tls: tls.files != nil
        case .peers: !peers.names.isEmpty
        }
    }

    /// The port of peers that are named without one: where they would look for this server.
    var peerPort: Int { tls.port ?? port }
}

/// The settings of TLS, which `serve` speaks only with a certificate.
struct TLSSettings: Equatable {
    var certificate: String?
    var key: String?
    /// Whom the certificates of its clients come from; nil if it requires none.
    var clientAuthorities: String?
    /// Which clients may fetch, of those with a valid certificate; empty for all of them.
    var allowedClients: [ClientIdentity] = []
    /// Whom the certificates of its peers come from.
    var peerAuthorities: String?
    /// A port of its own, beside the plain one; nil if the data port speaks TLS.
    var port: Int?

    /// The files; nil without TLS.
    var files: TLSFiles? {
        guard let certificate, let key else { return nil }
        return TLSFiles(
            certificateChain: certificate,
            privateKey: key,
            clientAuthorities: clientAuthorities,
            peerAuthorities: peerAuthorities
        )
    }
}

/// The settings of what is remembered of clients.
struct FleetSettings: Equatable {
    /// Whose `X-Forwarded-For` is believed.
    var trustedProxies: [AddressRange] = []
    /// How many clients are remembered: those of large clusters, in a few megabytes.
    var clients = 4096
    /// How long after it last came: gateways fetch when they start and when their configuration changes, some for weeks not.
    var retain = Duration.seconds(7 * 24 * 3600)
}

/// The settings of peers, which `serve` has only if they are named.
struct PeerSettings: Equatable {
    /// Where they are found.
    var names: [ServerName] = []
    /// How long they may keep the server from being ready: pods that start together find none, at once.
    var adoptTimeout = Duration.seconds(5)
}
