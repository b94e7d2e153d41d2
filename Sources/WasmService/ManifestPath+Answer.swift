// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import GatewayConfiguration
internal import HTTPSemantics
internal import HTTPService
internal import ModuleCatalog
internal import ServerInterface

/// What stands at the path of configuration for a gateway.
extension ManifestPath {
    /// The answer: configuration that names the server as the client does.
    ///
    /// - Parameters:
    ///   - request: Who asks; its authority is written into the configuration.
    ///   - isSecure: Whether it came over TLS.
    ///   - digest: The module's; nil if none is served at the path.
    ///   - now: Tells the present, for conditions on dates.
    /// - Returns: 200 and YAML (RFC 9512); 404 for a gateway or a module that there is none of; 400 without a usable host.
    func response(to request: Request, isSecure: Bool, digest: Digest?, now: () -> HTTPDate) -> Response {
        guard let gateway = Gateway(rawValue: self.gateway) else {
            let known = Gateway.allCases.map(\.rawValue).joined(separator: ", ")
            return .problem(.notFound, detail: "There is no configuration for \(self.gateway); there is for \(known).")
        }
        guard let digest, let path = try? ModulePath(String(modulePath.dropFirst())) else {
            return .problem(
                .notFound,
                detail: "There is no module at \(modulePath); GET /modules lists those there are."
            )
        }
        guard let authority = request.fields.authority.flatMap(RequestAuthority.init) else {
            return .problem(
                .badRequest,
                detail: "The configuration names the server as you do: send a Host field that is a name or an address."
            )
        }
        let source = ModuleSource(
            isSecure: isSecure,
            host: authority.host,
            port: authority.port ?? (isSecure ? 443 : 80),
            digest: digest,
            path: DigestPath.text(of: digest),
            module: ModuleName(path.name, version: path.version, path: path.urlPath)
        )
        let text = Array((Self.caution(gateway, authority.host) + GatewayManifest(of: source).text(for: gateway)).utf8)
        let representation = Representation(
            body: .bytes(SharedBytes(text)),
            digest: Digest(of: text),
            mediaType: "application/yaml",
            caching: .revalidate
        )
        return representation.response(to: request, now: now)
    }

    /// What stands above configuration that has a name which gateways may not reach.
    private static func caution(_ gateway: Gateway, _ host: String) -> String {
        guard let caution = gateway.caution(about: host) else { return "" }
        return """
            # Not as it is: \(caution.reason). Ask for this by the name that gateways have for the server,
            # such as \(caution.example), or let `wasm-server config --as` print it.

            """
    }
}
