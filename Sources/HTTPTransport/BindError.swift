// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import NIOCore

/// Why a port could not be opened.
package struct BindError: Error, CustomStringConvertible {
    /// Where the server was to listen.
    package let endpoint: Endpoint
    /// What failed below.
    package let cause: any Error

    /// Whether an error means that the machine does not have an address family.
    static func saysThatFamilyIsMissing(_ error: IOError) -> Bool {
        error.errnoCode == EAFNOSUPPORT || error.errnoCode == EADDRNOTAVAIL
    }

    /// The endpoint, the reason and the remedy.
    package var description: String {
        let (reason, remedy) = explanation
        return "cannot listen on \(endpoint.host ?? "any address"), port \(endpoint.port): \(reason); \(remedy)"
    }

    private var explanation: (reason: String, remedy: String) {
        switch (cause as? IOError)?.errnoCode {
        case EADDRINUSE: ("the port is in use", "stop what uses it, or choose another port")
        case EACCES: ("this user may not open it", "choose a port of 1024 or above")
        case EADDRNOTAVAIL: ("this machine does not have that address", "name an address it has, or none for all")
        case nil: ("the host name does not resolve to an address of this machine", "name an address, or none for all")
        default: ("\(cause)", "check the address and the port")
        }
    }
}
