// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Content

/// Where a gateway gets a module: a server, and the module by its digest.
package struct ModuleSource: Sendable {
    /// Whether the server is asked over TLS.
    package let isSecure: Bool
    /// The server's name or address, without brackets.
    package let host: String
    /// The server's port.
    package let port: Int
    /// What the gateway has to get.
    package let digest: Digest
    /// Where the server has it, by its digest.
    package let path: String
    /// What the module is called.
    package let module: ModuleName
    /// What Envoy has to be told to take the server's certificate.
    package let tls: TLSParameters

    /// A module of a server.
    ///
    /// - Parameters:
    ///   - isSecure: Whether the server is asked over TLS.
    ///   - host: The server's name or address, without brackets.
    ///   - port: The server's port.
    ///   - digest: The module's digest.
    ///   - path: Where the server has it, by its digest.
    ///   - module: What the module is called.
    ///   - tls: What Envoy has to be told to take the server's certificate.
    package init(
        isSecure: Bool,
        host: String,
        port: Int,
        digest: Digest,
        path: String,
        module: ModuleName,
        tls: TLSParameters = .version
    ) {
        (self.isSecure, self.host, self.port) = (isSecure, host, port)
        (self.digest, self.path, self.module, self.tls) = (digest, path, module, tls)
    }

    /// The digest, 64 lowercase hexadecimal digits.
    var sha256: String { digest.hexadecimal }

    /// The module's URL.
    var url: String {
        let host = host.contains(":") ? "[\(host)]" : host
        return "\(isSecure ? "https" : "http")://\(host):\(port)\(path)"
    }
}
