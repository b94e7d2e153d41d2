// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ModuleCatalog
internal import Peers
internal import ServerClient
internal import Tracing

/// What concerns several settings at once.
extension Settings {
    /// Requires that no setting is without effect for lack of another, and that no two exclude each other.
    ///
    /// - Throws: ``CommandFailure`` for the first that does.
    func requireConsistent() throws(CommandFailure) {
        try requireWholeTLS()
        try requireFewSources()
        try requireUsablePeers()
        try requireDifferentPorts()
        guard peers.names.isEmpty || retain > .zero else {
            throw CommandFailure(
                .configuration,
                """
                \(name(of: .peers)) has no effect with \(name(of: .retain)) 0: what peers give is kept; \
                choose one of them
                """
            )
        }
    }

    /// What a person should know of settings that do what they say, but perhaps not what is meant.
    var remarks: [String] { [remarkOnPlainPort, remarkOnGRPC].compactMap(\.self) }

    private var remarkOnPlainPort: String? {
        guard tls.port != nil, tls.clientAuthorities != nil else { return nil }
        return """
            \(name(of: .tlsClientCA)): does not guard the plain port (\(Setting.port.flag)), which serves modules to anyone; leave \
            \(Setting.tlsPort.flag) out to have TLS only, or let a NetworkPolicy keep clients from the plain port
            """
    }

    private var remarkOnGRPC: String? {
        guard let otlpEndpoint, otlpEndpoint.isLikelyOfGRPC else { return nil }
        return """
            \(name(of: .otlpEndpoint)): \(otlpEndpoint) is most likely a port of OTLP over gRPC, which is not spoken here; name the \
            collector's port of OTLP over HTTP, 4318 as a rule
            """
    }

    private func requireWholeTLS() throws(CommandFailure) {
        guard tls.files != nil else {
            let others: [(Setting, Bool)] = [
                (.tlsCertificate, tls.certificate != nil), (.tlsKey, tls.key != nil),
                (.tlsClientCA, tls.clientAuthorities != nil), (.tlsAllowedClient, !tls.allowedClients.isEmpty),
                (.tlsPeersCA, tls.peerAuthorities != nil), (.tlsPort, tls.port != nil),
            ]
            guard let given = others.first(where: \.1)?.0 else { return }
            let missing = tls.certificate == nil ? Setting.tlsCertificate : .tlsKey
            throw CommandFailure(.configuration, "\(name(of: given)) has no effect without \(missing.flag); give both")
        }
        guard tls.allowedClients.isEmpty || tls.clientAuthorities != nil else {
            throw CommandFailure(
                .configuration,
                """
                \(name(of: .tlsAllowedClient)) has no effect without \(Setting.tlsClientCA.flag), which tells whose \
                certificates are valid; give both
                """
            )
        }
    }

    private func requireFewSources() throws(CommandFailure) {
        let most = Catalog.maximumSourceCount
        guard sources.count > most else { return }
        let place = place(of: .sources)
        throw CommandFailure(
            place.status,
            "\(place.name): \(sources.count) sources are more than \(most); name the directory that they are in"
        )
    }

    private func requireUsablePeers() throws(CommandFailure) {
        guard !peers.names.isEmpty || tls.peerAuthorities == nil else {
            throw CommandFailure(
                .configuration,
                "\(name(of: .tlsPeersCA)) has no effect without \(Setting.peers.flag); give both, or leave it out"
            )
        }
        let most = PeerDirectory.maximumCount
        guard peers.names.count <= most else {
            let place = place(of: .peers)
            throw CommandFailure(
                place.status,
                """
                \(place.name): \(peers.names.count) names are more than \(most), and so many peers are asked; name a \
                headless Service of theirs
                """
            )
        }
        if peerPort == 0, let peer = peers.names.first(where: { $0.port == nil }) {
            throw CommandFailure(
                .configuration,
                "\(name(of: .peers)): \(peer) has no port, and this server picks a free one itself; name HOST:PORT"
            )
        }
    }

    private func requireDifferentPorts() throws(CommandFailure) {
        let ports: [(Setting, Int)] = [
            (.port, port), (.operationsPort, operationsPort), (.tlsPort, tls.port ?? 0),
        ]
        for (index, (setting, port)) in ports.enumerated() where port != 0 {
            guard let other = ports[..<index].first(where: { $0.1 == port })?.0 else { continue }
            throw CommandFailure(
                .configuration,
                "\(name(of: other)) and \(name(of: setting)) are both \(port); choose two different ports"
            )
        }
    }
}
