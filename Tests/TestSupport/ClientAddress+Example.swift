// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import HTTPService

extension ClientAddress {
    /// `192.0.2.1:5`, of the addresses for documentation (RFC 5737).
    package static let example = ClientAddress(Host(ipv4: 0xc000_0201), port: 5)
}
