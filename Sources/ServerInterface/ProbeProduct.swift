// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// What `wasm-server probe` says that it is, in front of what the client says that it imitates, so that nobody takes it for that client
/// (RFC 9110 §10.1.5).
package enum ProbeProduct {
    private static let prefix = "wasm-server-probe/"

    /// The product of a version.
    package static func text(version: String) -> String { prefix + version }

    /// Whether a `User-Agent` begins with it.
    package static func begins(_ userAgent: String?) -> Bool {
        // Of most others the first byte tells, at a third of the cost: this is asked of each module that is sent.
        guard let userAgent, userAgent.utf8.first == UInt8(ascii: "w") else { return false }
        return userAgent.utf8.starts(with: prefix.utf8)
    }
}
