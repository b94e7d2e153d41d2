// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Siblings

extension FuzzTarget {
    /// A name of siblings, as an operator writes it.
    static let peerName = FuzzTarget("peer-name") { (text: String) in
        do throws(PeerNameError) {
            let name = try PeerName(text)
            require(!name.host.isEmpty && name.host.utf8.count <= 253, "\(name.host) is a host")
            require(name.port.map { (1...65535).contains($0) } ?? true, "\(name) has a port")
            require((try? PeerName(name.description)) == name, "\(name) is the same name")
        } catch {
            // By bytes, as the text's last character may be one with what follows it.
            require(error.description.utf8.starts(with: text.utf8), "\(error) names the text")
            require(!error.remedy.isEmpty, "\(error) has a remedy")
        }
    }
}
