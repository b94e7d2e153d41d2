// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import GatewayConfiguration
internal import HTTPSemantics
internal import ModuleCatalog

/// The URL of configuration for a gateway: `/modules`, a module's path, and the gateway.
struct ManifestURL {
    /// The module's path, with its slash.
    let modulePath: String
    /// What stands for the gateway.
    let target: String

    private static let prefix = "/modules"
    private static let suffix = ".yaml"

    /// The URLs of a module's configurations, as a template with the variable `gateway` (RFC 6570).
    static func template(of path: ModulePath) -> String { "\(prefix)\(path.urlPath)/{gateway}\(suffix)" }

    /// The URL that a path spells; nil for any other path.
    init?(path: String) {
        let bytes = path.utf8
        guard bytes.starts(with: (Self.prefix + "/").utf8), bytes.reversed().starts(with: Self.suffix.utf8.reversed()),
            let slash = bytes.lastIndex(of: UInt8(ascii: "/"))
        else { return nil }
        modulePath = String(decoding: bytes[..<slash].dropFirst(Self.prefix.utf8.count), as: UTF8.self)
        target = String(decoding: bytes[slash...].dropFirst().dropLast(Self.suffix.utf8.count), as: UTF8.self)
        guard modulePath.utf8.reversed().starts(with: ModulePath.suffix.utf8.reversed()) else { return nil }
    }

    /// The answer: configuration that names the server as the client does.
    ///
    /// - Parameters:
    ///   - request: Who asks; its authority is written into the configuration.
    ///   - isSecure: Whether it came over TLS.
    ///   - digest: The module's; nil if none is served at the path.
    ///   - now: Tells the present, for conditions on dates.
    /// - Returns: 200 and YAML (RFC 9512); 404 for a gateway or a module that there is none of; 400 without a usable host.
    func response(to request: Request, isSecure: Bool, digest: Digest?, now: () -> HTTPDate) -> Response {
        guard let gateway = Gateway(rawValue: target) else {
            let known = Gateway.allCases.map(\.rawValue).joined(separator: ", ")
            return .problem(.notFound, detail: "There is no configuration for \(target); there is for \(known).")
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
            path: DigestURL.path(of: digest),
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
