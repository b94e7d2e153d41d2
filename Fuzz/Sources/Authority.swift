// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import GatewayConfiguration
internal import HTTPSemantics

extension FuzzTarget {
    /// What a client says in `Host`, and the configuration that it is written into.
    static let authority = FuzzTarget("authority") { (text: String) in
        guard let authority = RequestAuthority(text) else { return }
        let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:".utf8)
        require(authority.host.utf8.allSatisfy(allowed.contains), "\(authority.host) is a host")
        require(authority.port.map { (1...65535).contains($0) } ?? true, "\(authority) has a port")
        let digest = Digest(of: Array(text.utf8))
        let source = ModuleSource(
            isSecure: true,
            host: authority.host,
            port: authority.port ?? 443,
            digest: digest,
            path: "/sha256/\(digest).wasm",
            module: ModuleName(text, path: "/\(text).wasm")
        )
        let lines = Gateway.allCases.map { GatewayManifest(of: source).text(for: $0).split(separator: "\n").count }
        let name = ModuleName("a", path: "/a.wasm")
        let usual = ModuleSource(isSecure: true, host: "a", port: 1, digest: digest, path: "/a", module: name)
        let expected = Gateway.allCases.map { GatewayManifest(of: usual).text(for: $0).split(separator: "\n").count }
        require(lines == expected, "\(text) stays in its place")
    }
}
