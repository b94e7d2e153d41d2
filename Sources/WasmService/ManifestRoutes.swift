// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import GatewayConfiguration
internal import HTTPSemantics
internal import HTTPService
internal import ModuleCatalog
internal import ServerInterface

/// Configuration for gateways, which names the server as the client does.
struct ManifestRoutes: RouteFamily {
    /// Tells the present, for conditions on dates.
    let now: @Sendable () -> HTTPDate

    private static let gateways = Gateway.allCases.map(\.rawValue).joined(separator: ", ")

    func answer(to question: RouteQuestion) -> Reply? {
        guard let path = ManifestPath(question.path) else {
            guard ManifestPath.lacksGateway(question.path) else { return nil }
            let detail = """
                There is no module at this path; GET /modules lists those there are. Configuration is at \(ManifestPath.example), \
                where the gateway is one of \(Self.gateways).
                """
            return .now(.problem(.notFound, detail: detail, resource: .missing(.name)))
        }
        return .now(response(to: question, at: path))
    }

    /// 200 and YAML (RFC 9512); 404 for a gateway or a module that there is none of; 400 without a usable host.
    private func response(to question: RouteQuestion, at path: ManifestPath) -> Response {
        guard let gateway = Gateway(rawValue: path.gateway) else {
            let detail = "There is no configuration for \(path.gateway); there is for \(Self.gateways)."
            return .problem(.notFound, detail: detail)
        }
        guard let digest = question.module(path.modulePath),
            let module = try? ModulePath(String(path.modulePath.dropFirst()))
        else { return .noModule(at: path.modulePath) }
        guard let authority = question.request.fields.authority.flatMap(RequestAuthority.init) else {
            return .problem(
                .badRequest,
                detail: "The configuration names the server as you do: send a Host field that is a name or an address."
            )
        }
        let source = ModuleSource(
            isSecure: question.isSecure,
            host: authority.host,
            port: authority.port ?? (question.isSecure ? 443 : 80),
            digest: digest,
            path: DigestPath.text(of: digest),
            module: ModuleName(module.name, version: module.version, path: module.urlPath)
        )
        let text = Array((Self.caution(gateway, authority.host) + GatewayManifest(of: source).text(for: gateway)).utf8)
        let representation = Representation(
            body: .bytes(SharedBytes(text)),
            digest: Digest(of: text),
            mediaType: "application/yaml",
            caching: .revalidate
        )
        return representation.response(to: question.request, now: now)
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
