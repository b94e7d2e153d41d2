// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import NIOCore

/// Why a port could not be opened.
package struct BindError: Error, CustomStringConvertible {
    /// What failed below.
    enum Cause: Hashable {
        /// The machine does not have the address, or nothing of its family.
        case missingAddress
        /// The host is a name that has no address; why, if the resolver says so.
        case unknownName(reason: String?)
        /// socket(2), bind(2) or listen(2) failed for another reason: the number of its error.
        case system(CInt)
        /// Anything else.
        case other(String)

        init(_ error: any Error) {
            switch error {
            case let error as IOError: self.init(number: error.errnoCode)
            case let error as SocketError: self.init(number: error.number)
            default: self = .other("\(error)")
            }
        }

        private init(number: CInt) {
            switch number {
            case EAFNOSUPPORT, EPROTONOSUPPORT, EADDRNOTAVAIL, ENODEV: self = .missingAddress
            default: self = .system(number)
            }
        }
    }

    /// Where the server was to listen.
    package let endpoint: Endpoint
    /// What failed below.
    let cause: Cause

    /// Whether the endpoint's host is to blame, rather than its port.
    package var isOfHost: Bool {
        switch cause {
        case .missingAddress, .unknownName: endpoint.host != nil
        case .system, .other: false
        }
    }

    /// Whether somebody else has the port.
    package var isOfPortInUse: Bool { cause == .system(EADDRINUSE) }

    /// The endpoint, the reason and the remedy.
    package var description: String {
        let (reason, remedy) = explanation
        return "cannot listen on \(endpoint.host ?? "any address"), port \(endpoint.port): \(reason); \(remedy)"
    }

    private var explanation: (reason: String, remedy: String) {
        switch cause {
        case .system(EADDRINUSE):
            ("the port is in use, perhaps by another wasm-server", "stop what uses it, or choose another port")
        case .system(EACCES): ("this user may not open it", "choose a port of 1024 or above")
        case .missingAddress: ("this machine does not have that address", "name an address it has, or none for all")
        case .unknownName(let reason):
            (
                "the host name does not resolve to an address\(reason.map { " (\($0))" } ?? "")",
                "name an address of this machine, or none for all"
            )
        case .system(let number):
            if let shortage = SystemShortage(number) {
                (shortage.reason, shortage.remedy)
            } else {
                ("the system refuses it (error \(number))", "check the address and the port")
            }
        case .other(let text): (text, "check the address and the port")
        }
    }
}

/// Why the system opens no socket.
struct SocketError: Error {
    /// The number of its error.
    let number: CInt
}
