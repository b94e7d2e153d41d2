// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// From where a host means one and the same server, judged by how it is written.
enum HostScope: Hashable {
    /// From the machine, or the pod, that the server is on: to all others it is themselves.
    case machine
    /// From its network link.
    case link
    /// From containers on a developer's machine.
    case developerMachine
    /// From its own namespace in a cluster.
    case namespace
    /// From nowhere: no server has such an address.
    case nowhere
    /// From everywhere: nothing in it says otherwise.
    case everywhere

    /// The scope of a name or an address, without brackets.
    init(of host: String) {
        let host = host.hasSuffix(".") ? String(host.dropLast()) : host
        self =
            switch NumericAddress(host)?.unmapped {
            case .ipv4(let number): Self.scope(ofIPv4: number)
            case .ipv6(let groups): Self.scope(ofIPv6: groups)
            case nil: Self.scope(ofName: host)
            }
    }

    /// The special blocks of RFC 6890.
    private static func scope(ofIPv4 number: UInt32) -> Self {
        switch number >> 24 {
        case 0, 127: .machine
        case 169 where number >> 16 == 0xa9fe: .link
        case 224...255: .nowhere
        default: .everywhere
        }
    }

    private static func scope(ofIPv6 groups: [UInt16]) -> Self {
        switch groups[0] {
        case 0 where groups[1..<7].allSatisfy { $0 == 0 } && groups[7] <= 1: .machine
        case 0xfe80...0xfebf: .link
        case 0xff00...0xffff: .nowhere
        default: .everywhere
        }
    }

    /// Names that mean the loopback interface: `localhost` and what is below it (RFC 6761 §6.3), and what distributions write
    /// into /etc/hosts.
    private static let loopbackNames: Set = [
        "localhost", "localhost.localdomain", "localhost4", "localhost4.localdomain4", "localhost6",
        "localhost6.localdomain6", "ip6-localhost", "ip6-loopback",
    ]

    /// What engines call the machine that they run on, in its containers.
    private static let developerNames: Set = ["gateway.docker.internal", "kubernetes.docker.internal"]

    private static func scope(ofName host: String) -> Self {
        let name = host.lowercased()
        if loopbackNames.contains(name) || name.hasSuffix(".localhost") { return .machine }
        // host.docker.internal, host.containers.internal, host.minikube.internal, host.k3d.internal, host.lima.internal
        if developerNames.contains(name) || name.hasPrefix("host.") && name.hasSuffix(".internal") {
            return .developerMachine
        }
        let labels = name.split(separator: ".").count
        if labels == 1 { return .namespace }
        // A machine's own name, by multicast DNS (RFC 6762 §3); a cluster's domain has more labels.
        return labels == 2 && name.hasSuffix(".local") ? .link : .everywhere
    }
}

/// Why gateways may not reach a server by the name that their configuration has for it.
package struct HostCaution: Hashable, Sendable {
    /// Whether no gateway reaches it so, unless it is beside the server.
    package let isHopeless: Bool
    /// What the host is to a gateway.
    package let reason: String
    /// A host of the kind that gateways reach.
    package let example: String
}

extension Gateway {
    /// What has to be said of a host in configuration for gateways of this kind; nil if nothing has.
    ///
    /// A bootstrap of Envoy may well be for an Envoy on the same machine. All others run somewhere in a cluster.
    package func caution(about host: String) -> HostCaution? {
        guard self != .envoy else { return nil }
        let (isHopeless, reason): (Bool, String)
        switch HostScope(of: host) {
        case .everywhere: return nil
        // Proxies ask Consul, not the cluster's DNS, where a service is.
        case .namespace where self == .consul: return nil
        case .machine: (isHopeless, reason) = (true, "to a gateway, \(host) is the gateway itself")
        case .link: (isHopeless, reason) = (true, "\(host) is known on one network link alone")
        case .nowhere: (isHopeless, reason) = (true, "\(host) is not the address of a server")
        case .developerMachine:
            (isHopeless, reason) = (false, "\(host) is known to containers on one developer's machine alone")
        case .namespace: (isHopeless, reason) = (false, "\(host) is known in the server's own namespace alone")
        }
        let example = self == .consul ? "wasm-server" : "wasm-server.NAMESPACE.svc.cluster.local"
        return HostCaution(isHopeless: isHopeless, reason: reason, example: example)
    }
}
