// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import NIOCore

@testable import Peers

extension Peer {
    /// A peer that a number tells from others: its port.
    static func numbered(_ number: Int) -> Peer {
        do {
            return Peer(address: try SocketAddress(ipAddress: "192.0.2.1", port: number), hostName: nil)
        } catch {
            preconditionFailure("the address is one: \(error)")
        }
    }
}
