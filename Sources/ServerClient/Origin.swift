// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Where a server is asked: `http://HOST:PORT` or `https://HOST:PORT`.
package struct Origin: Hashable, Sendable, CustomStringConvertible {
    /// Whether it is asked over TLS.
    package let isSecure: Bool
    /// The host, and the port that was given.
    package let name: ServerName
    /// The port.
    package let port: Int

    /// The origin that a URL names; nothing but a final slash may follow it.
    ///
    /// The port has to be given: a server of modules is hardly ever at 80 or 443, and a guess would be asked in vain.
    ///
    /// - Throws: ``ServerNameError`` with the reason and the remedy.
    package init(_ text: String) throws(ServerNameError) {
        let remedies = HTTPURL.Remedies(
            example: "write it as http://HOST:PORT, such as http://wasm-server:8082",
            withoutUser: "leave it out: no server of modules asks for one"
        )
        let url = try HTTPURL(text, remedies: remedies)
        guard url.rest.isEmpty || url.rest == "/" else {
            throw ServerNameError(
                text: text,
                reason: "has more than a host and a port",
                remedy: "leave out what follows the port"
            )
        }
        guard let port = url.name.port else {
            let remedy = "add it, such as \(url.isSecure ? "https" : "http")://\(url.name):8082"
            throw ServerNameError(text: text, reason: "has no port", remedy: remedy)
        }
        self.init(isSecure: url.isSecure, name: url.name, port: port)
    }

    /// The origin of a host and a port.
    package init(isSecure: Bool, name: ServerName, port: Int) {
        (self.isSecure, self.name, self.port) = (isSecure, name, port)
    }

    /// What the `Host` field says (RFC 9110 §7.2).
    package var authority: String { name.host.contains(":") ? "[\(name.host)]:\(port)" : "\(name.host):\(port)" }

    /// The URL, without a final slash.
    package var description: String { "\(isSecure ? "https" : "http")://\(authority)" }
}
