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

/// What a module is called, and what configuration is called that is about it.
package struct ModuleName: Sendable {
    /// The name that its path tells.
    package let text: String
    /// The version that its path tells; nil if there is none.
    package let version: String?
    /// Where its server has it by name, percent-encoded: no other module is there.
    package let path: String

    /// The longest part of a label that is made of the name; with what is added, a label has at most 63 characters.
    private static let longest = 40

    /// A name, and the path that tells it.
    package init(_ text: String, version: String? = nil, path: String) {
        (self.text, self.version, self.path) = (text, version, path)
    }

    /// What configuration of this module is called: a DNS label (RFC 1123 §2.1), and another one for each path.
    ///
    /// That is the name, where the path is nothing but a label and `.wasm`. Otherwise it is what a label can have of the name and
    /// the version, and the beginning of the path's digest, which tells `a/b.wasm` from `a-b.wasm`.
    var label: String {
        let label = Self.label(of: version.map { "\(text)-\($0)" } ?? text)
        if let label, path == "/\(label).wasm" { return label }
        return "\(label ?? "plugin")-\(Digest(of: Array(path.utf8)).hexadecimal.prefix(8))"
    }

    /// The nearest label; nil if nothing is left.
    private static func label(of text: String) -> String? {
        var label = ""
        for character in text.lowercased().unicodeScalars {
            let isAllowed = ("a"..."z").contains(character) || ("0"..."9").contains(character)
            if isAllowed { label.unicodeScalars.append(character) } else if label.last != "-" { label += "-" }
        }
        let start = label.drop { $0 == "-" }.prefix(longest)
        return start.lastIndex { $0 != "-" }.map { String(start[...$0]) }
    }
}
