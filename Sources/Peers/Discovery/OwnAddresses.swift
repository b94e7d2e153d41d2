// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore

/// Where this server is about to listen: as long as it does not, the system refuses connections there, and no peer does.
///
/// Nobody else can listen at these addresses. An address that only may be one of them is none: a peer's refusal must not be taken for
/// our own.
package struct OwnAddresses: Sendable {
    /// The interface that has the addresses of Services, behind which others are, where kube-proxy works by IPVS (`proxier.go`).
    private static let interfaceOfServices = "kube-ipvs0"

    private let host: String?
    private let ports: Set<Int>

    /// The addresses of a server.
    ///
    /// - Parameters:
    ///   - host: The address that it listens at; nil for every address of this machine, and of none is known what it stands for if it is
    ///     a name.
    ///   - ports: The ports that it listens at; 0 is one that is not known yet.
    package init(host: String?, ports: Set<Int>) {
        (self.host, self.ports) = (host, ports.subtracting([0]))
    }

    /// Whether this server is about to listen there, by what addresses the machine has now.
    func contain(_ address: SocketAddress) -> Bool {
        guard let port = address.port, ports.contains(port), let text = address.ipAddress else { return false }
        guard let host else { return Self.isOfThisMachine(text) }
        if ["0.0.0.0", "::"].contains(host) {
            return host.contains(":") == text.contains(":") && Self.isOfThisMachine(text)
        }
        return (try? SocketAddress(ipAddress: host, port: port)) == address
    }

    private static func isOfThisMachine(_ address: String) -> Bool {
        let interfaces = (try? System.enumerateDevices()) ?? []
        return interfaces.contains { $0.name != interfaceOfServices && $0.address?.ipAddress == address }
    }
}
