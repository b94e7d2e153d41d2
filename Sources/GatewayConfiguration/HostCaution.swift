// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

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
