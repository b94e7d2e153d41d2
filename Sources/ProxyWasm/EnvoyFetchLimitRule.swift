// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

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
