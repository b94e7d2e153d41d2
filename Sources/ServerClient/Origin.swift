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
        let failure = { (reason: String, remedy: String) in
            ServerNameError(text: text, reason: reason, remedy: remedy)
        }
        let example = "write it as http://HOST:PORT, such as http://wasm-server:8082"
        let lowercase = text.lowercased()
        guard let scheme = ["http://", "https://"].first(where: { lowercase.utf8.starts(with: $0.utf8) }) else {
            throw text.contains("://")
                ? failure("has a scheme that is neither http nor https", example)
                : failure("has no scheme", example)
        }
        isSecure = scheme == "https://"
        var authority = String(decoding: text.utf8.dropFirst(scheme.utf8.count), as: UTF8.self)
        if authority.utf8.last == UInt8(ascii: "/") {
            authority = String(decoding: authority.utf8.dropLast(), as: UTF8.self)
        }
        guard
            !authority.utf8.contains(where: { [UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#")].contains($0) })
        else { throw failure("has more than a host and a port", "leave out what follows the port") }
        if let at = authority.utf8.lastIndex(of: UInt8(ascii: "@")) {
            // What stands before it may be a password, which is not repeated.
            throw ServerNameError(
                text: "\(scheme)…\(authority[at...])",
                reason: "has a user's name in it",
                remedy: "leave it out: no server of modules asks for one"
            )
        }
        do throws(ServerNameError) {
            name = try ServerName(authority)
        } catch {
            throw failure(error.reason, example)
        }
        guard let port = name.port else {
            throw failure("has no port", "add it, such as \(scheme)\(name):8082")
        }
        self.port = port
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
