// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPService

/// Whose connections are counted together: those of an IPv4 address, or of the /64 that one IPv6 host has to itself (RFC 7421).
enum ClientNetwork: Hashable {
    /// An IPv4 address, also one that came as IPv6 (RFC 4291 §2.5.5.2).
    case address(UInt32)
    /// The first eight bytes of an IPv6 address.
    case prefix(UInt64)
    /// It has no address.
    case unknown

    /// The network of a client.
    init(_ address: ClientAddress?) {
        self =
            address.map { address in address.host.ipv4.map { .address($0) } ?? .prefix(address.host.network) }
            ?? .unknown
    }
}
