// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Credentials

extension FuzzTarget {
    /// What `--tls-allowed-client` takes.
    static let clientIdentity = FuzzTarget("client-identity") { text in
        guard let identity = try? ClientIdentity(text) else { return }
        require(!text.contains("*"), "\(text) has no wildcard")
        require(text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }, "\(text) is printable ASCII without spaces")
        require((try? ClientIdentity(identity.description)) == identity, "\(identity) is read as it is written")
    }
}
