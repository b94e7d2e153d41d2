// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// How much of a module those take whom this is served to, in bytes.
package enum FetchLimit {
    /// Envoy, from a remote source (`kBufferLimitForResponse` in `async_client_impl.h`).
    package static let envoy = 32 << 20
    /// istio-agent, and the controller of Envoy Gateway.
    package static let agents = 256 << 20
}

/// Warns of a module that Envoy cannot fetch: others can, so it is served.
struct EnvoyFetchLimitRule: AdmissionRule {
    func objection(to facts: ModuleFacts) -> Objection? {
        guard facts.size > FetchLimit.envoy else { return nil }
        return Objection(
            "envoy-fetch-limit",
            .warns,
            "has \(facts.size) bytes, and Envoy accepts at most \(FetchLimit.envoy) from a remote source",
            remedy: "build it smaller"
        )
    }
}
