// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ServerClient

extension FuzzTarget {
    /// A name of a server, as an operator writes it.
    static let serverName = FuzzTarget("server-name") { (text: String) in
        do throws(ServerNameError) {
            let name = try ServerName(text)
            require(!name.host.isEmpty && name.host.utf8.count <= 253, "\(name.host) is a host")
            require(name.port.map { (1...65535).contains($0) } ?? true, "\(name) has a port")
            require((try? ServerName(name.description)) == name, "\(name) is the same name")
        } catch {
            // By bytes, as the text's last character may be one with what follows it.
            require(error.description.utf8.starts(with: text.utf8), "\(error) names the text")
            require(!error.remedy.isEmpty, "\(error) has a remedy")
        }
    }
}
