// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Credentials
internal import HTTPTransport
internal import Peers
internal import ServerClient

extension SettingsReader {
    /// How long a new server waits for its peers: pods that start together find none, at once.
    static let defaultAdoptTimeout = Duration.seconds(5)

    /// What is said of peers.
    ///
    /// - Parameters:
    ///   - port: Where this server's own peers would find it.
    ///   - tls: What is said of TLS.
    /// - Returns: The settings; nil without a name.
    /// - Throws: ``CommandFailure`` for a name that cannot be used, or for authorities of peers where there are none.
    func peers(port: Int, _ tls: TLSSettings?) throws(CommandFailure) -> PeerSettings? {
        let timeout = try value(.adoptTimeout, default: Self.defaultAdoptTimeout, parse: Self.time)
        let peers = try list(.peers, parse: ServerName.init)
        guard !peers.isEmpty else {
            guard tls?.files.peerAuthorities == nil else {
                throw CommandFailure(
                    .configuration,
                    "\(name(of: .tlsPeersCA)) has no effect without \(Setting.peers.flag); give both, or leave it out"
                )
            }
            return nil
        }
        guard peers.count <= PeerDirectory.maximumCount else {
            let place = try given(.peers)?.place ?? .flag(Setting.peers.flag)
            throw CommandFailure(
                place.status,
                """
                \(place.name): \(peers.count) names are more than \(PeerDirectory.maximumCount), and so many peers are \
                asked; name a headless Service of theirs
                """
            )
        }
        if port == 0, let peer = peers.first(where: { $0.port == nil }) {
            throw CommandFailure(
                .configuration,
                "\(name(of: .peers)): \(peer) has no port, and this server picks a free one itself; name HOST:PORT"
            )
        }
        return PeerSettings(names: peers, defaultPort: port, adoptTimeout: timeout)
    }
}
