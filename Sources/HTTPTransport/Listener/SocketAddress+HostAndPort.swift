// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore

extension SocketAddress {
    /// The prefix of an IPv4 address on a socket that serves both families (RFC 4291 §2.5.5.2).
    private static var mappedPrefix: String { "::ffff:" }

    /// The address and port as people write them: `192.0.2.1:80`, `[2001:db8::1]:80`.
    var hostAndPort: String {
        guard let address = ipAddress, let port else { return description }
        if address.hasPrefix(Self.mappedPrefix), address.contains(".") {
            return "\(address.dropFirst(Self.mappedPrefix.count)):\(port)"
        }
        return address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
    }
}
