// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import NIOCore

/// Another server of the same modules: an address, and the name that led to it.
package struct Peer: Hashable, Sendable, CustomStringConvertible {
    /// Where it listens.
    package let address: SocketAddress
    /// What its certificate has to name; nil if it was named by its address.
    package let hostName: String?

    /// The address and the port, `192.0.2.1:8082` or `[2001:db8::1]:8082`.
    package var description: String {
        guard let host = address.ipAddress, let port = address.port else { return address.description }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// What the `Host` field says (RFC 9110 §7.2).
    var authority: String {
        guard let hostName, let port = address.port else { return description }
        return "\(hostName):\(port)"
    }
}
