// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import Credentials
internal import NIOCore
internal import ProxyWasm
internal import ServerClient
internal import ServerInterface
internal import WasmBinary

/// Looks at one module of one server, as each of its clients gets it.
struct ModuleCheck: Sendable {
    /// What Envoy sends besides the path and the authority (`async_client_impl.cc`, `router.cc`).
    private static let envoyFields = [
        (name: "x-envoy-internal", value: "true"), (name: "x-envoy-expected-rq-timeout-ms", value: "10000"),
    ]
    /// What Go's client sends, which istio-agent and Envoy Gateway use.
    private static let goFields = [
        (name: "user-agent", value: "Go-http-client/1.1"), (name: "accept-encoding", value: "gzip"),
    ]

    /// Who takes what a request is answered by.
    private enum Taker {
        /// Envoy, which takes modules up to a limit.
        case envoy
        /// What fetches in its place: Istio's agent, and the controller of Envoy Gateway.
        case agent
        /// No one in particular.
        case anyone

        /// What it does with an answer of another status than 200.
        var remedyOfStatus: Remedy {
            switch self {
            case .envoy: "Envoy accepts only 200, and follows no redirect"
            case .agent: "istio-agent and Envoy Gateway accept only 200"
            case .anyone: "clients need 200 here"
            }
        }
    }

    private let client: ServerClient
    private let path: String
    private let address: SocketAddress
    private let isOurs: Bool
    private let key: KeyKind?
    private let loading: LoadingCheck
    private let results: Results

    /// Checks of a module at a path of a server.
    ///
    /// - Parameters:
    ///   - client: Asks the server.
    ///   - path: The module's path.
    ///   - address: Where the server is.
    ///   - isOurs: Whether it is a Wasm Server.
    ///   - key: The kind of its certificate's key; nil without TLS.
    ///   - loading: Judges whether hosts would load the module.
    ///   - results: Take the results of the checks.
    init(
        _ client: ServerClient,
        _ path: String,
        at address: SocketAddress,
        isOurs: Bool,
        key: KeyKind?,
        _ loading: LoadingCheck,
        _ results: Results
    ) {
        (self.client, self.path, self.address, self.isOurs) = (client, path, address, isOurs)
        (self.key, self.loading, self.results) = (key, loading, results)
    }

    /// Runs the checks, and returns the digest that the server announces, if it announces one.
    func run() async -> Digest? {
        let announced = await announcement()
        let http2 =
            client.origin.isSecure ? "HTTP/2 over TLS, as Envoy asks" : "cleartext HTTP/2, as Kuadrant's gateways ask"
        let module = await check("HTTP/1.1, as Envoy asks", envoyRequest(over: .http1), for: .envoy, announced)
        if let module {
            for result in loading.results(of: module) {
                tell(result.verdict, LoadingCheck.subject, result.detail, result.remedy)
            }
        }
        await check(
            "HTTP/1.1, as istio-agent and Envoy Gateway ask",
            FetchRequest(path, fields: Self.goFields, as: .go, limit: FetchLimit.agents),
            for: .agent,
            announced
        )
        await check(http2, envoyRequest(over: .http2), for: .envoy, announced)
        if let key, !key.isTakenByEnvoy {
            var request = envoyRequest(over: .http2)
            request.client = .envoyConfigured(for: key)
            await check("\(http2), with the tls_params that `config` prints", request, for: .envoy, announced)
        }
        await check(
            "an odd query and host, which have to be ignored",
            FetchRequest(path + "?v=1", authority: "elsewhere.example", limit: FetchLimit.agents),
            for: .anyone,
            announced
        )
        await checkHead(announced)
        guard let announced else { return nil }
        if isOurs {
            let request = FetchRequest(DigestPath.text(of: announced), limit: FetchLimit.agents)
            await check("by its digest", request, for: .anyone, announced)
        }
        return announced
    }

    private func envoyRequest(over version: FetchRequest.Version) -> FetchRequest {
        FetchRequest(path, fields: Self.envoyFields, over: version, as: .envoy, limit: FetchLimit.agents)
    }

    /// What the server says that the sha256 is.
    private func announcement() async -> Digest? {
        let subject = "sha256"
        guard let response = await fetch(FetchRequest(path + InterfacePath.digestSuffix, limit: 4096), subject) else {
            return nil
        }
        guard response.status == 200 else {
            tell(
                isOurs ? .failed : .warning,
                subject,
                response.words,
                response.status == 403 ? response.remedyOfDenial : "a control plane cannot ask for it"
            )
            return nil
        }
        // 64 lowercase digits: Envoy compares them as text (`remote_data_fetcher.cc`).
        let text = String(decoding: response.body, as: UTF8.self)
        guard text.utf8.count == 65, text.hasSuffix("\n"), let digest = Digest(hexadecimal: text.dropLast()) else {
            tell(
                .failed,
                subject,
                "is not 64 lowercase hexadecimal digits and a newline",
                "control planes use it as it is"
            )
            return nil
        }
        tell(.ok, subject, "\(digest)")
        return digest
    }

    /// Fetches the module and verifies what comes.
    ///
    /// - Returns: The module, if a status of 200 brought it.
    @discardableResult
    private func check(
        _ name: String,
        _ request: FetchRequest,
        for taker: Taker,
        _ announced: Digest?
    ) async -> [UInt8]? {
        guard let response = await fetch(request, name) else { return nil }
        guard response.status == 200 else {
            let remedy =
                response.status == 403
                ? response.remedyOfDenial : taker.remedyOfStatus
            tell(.failed, name, response.words, remedy)
            return nil
        }
        guard !response.body.isEmpty else {
            tell(.failed, name, "has no content", "Envoy treats an empty module as a failure")
            return nil
        }
        if let coding = response["content-encoding"], coding != "identity" {
            tell(.failed, name, "is answered in the coding \(coding)", "Envoy decodes nothing, and hashes what it gets")
            return nil
        }
        let digest = Digest(of: response.body)
        guard announced == nil || digest == announced else {
            tell(
                .failed,
                name,
                "gives bytes with the sha256 \(digest)",
                "which is not the announced one: gateways will reject them; did it change just now?"
            )
            return nil
        }
        let size = "gives \(response.body.count) bytes"
        let isTooLarge = response.body.count > FetchLimit.envoy
        if let diagnosis = Diagnosis(of: response.body.span) {
            tell(.failed, name, "gives what \(diagnosis.reason)", .words(diagnosis.remedy))
        } else if isTooLarge, taker == .envoy {
            tell(.failed, name, size, "Envoy accepts at most \(FetchLimit.envoy) from a remote source; make it smaller")
        } else if isTooLarge, taker == .agent {
            let remedy: Remedy =
                "istio-agent accepts them, but Envoy accepts at most \(FetchLimit.envoy), also from Envoy Gateway"
            tell(.warning, name, size, remedy)
        } else if response["content-length"] == nil {
            tell(.warning, name, "has no Content-Length", "a client cannot tell whether it got all of it")
        } else if response["content-type"] != "application/wasm" {
            let type = response["content-type"] ?? "nothing"
            tell(
                .warning,
                name,
                "has the type \(type), not application/wasm",
                "gateways do not care, but other clients do"
            )
        } else {
            tell(
                .ok,
                name,
                "\(response.body.count) bytes\(announced == nil ? "" : ", whose sha256 is the announced one")"
            )
        }
        return response.body
    }

    private func checkHead(_ announced: Digest?) async {
        let name = "HEAD"
        guard let response = await fetch(FetchRequest(path, method: "HEAD", limit: 0), name) else { return }
        if response.status == 200 {
            tell(.ok, name, "is answered without content")
        } else {
            tell(.warning, name, "is answered with \(response.status)", "no gateway needs it, but tools do")
        }
    }

    private func fetch(_ request: FetchRequest, _ subject: String) async -> FetchedResponse? {
        do throws(FetchError) {
            return try await client.fetch(request, from: address)
        } catch {
            tell(.failed, subject, "\(error)", remedy(of: error, for: request.client))
            return nil
        }
    }

    /// What helps; where nothing is shared, the kind of the key decides.
    private func remedy(of error: FetchError, for client: TLSClient) -> Remedy {
        guard case .tls(.nothingShared) = error, let key, client == .envoy, !key.isTakenByEnvoy else {
            return error.remedy
        }
        let other = "use RSA or EC on P-256, or give every cluster the tls_params that `config` prints"
        return "the certificate's key is \(key): \(other)"
    }

    private func tell(_ verdict: ProbeResult.Verdict, _ what: String, _ detail: String, _ remedy: Remedy? = nil) {
        results.add(ProbeResult(verdict, "\(address.place) \(path), \(what)", detail, remedy))
    }
}
