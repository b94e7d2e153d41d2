// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ServerClient

extension FuzzTarget {
    /// A server's URL, as a person writes it.
    static let origin = FuzzTarget("origin") { (text: String) in
        do throws(ServerNameError) {
            let origin = try Origin(text)
            require((1...65535).contains(origin.port) && !origin.name.host.isEmpty, "\(origin) has a host and a port")
            require((try? Origin(origin.description)) == origin, "\(origin) is the same origin")
        } catch {
            require(!error.reason.isEmpty && !error.remedy.isEmpty, "\(error) has a reason and a remedy")
        }
    }
}
