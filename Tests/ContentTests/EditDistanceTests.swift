// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Testing

@testable import Content

@Suite("Slips of the pen")
struct EditDistanceTests {
    // The example of the article on the distance in the Dictionary of Algorithms and Data Structures, its bounds, and Damerau:
    // two neighbours that change places are one slip; of `ca` and `abc` no part is changed twice.
    @Test(
        "are counted",
        arguments: [
            ("kitten", "sitting", 3), ("", "abc", 3), ("abc", "abc", 0), ("ab", "ba", 1), ("ca", "abc", 3),
            ("prot", "port", 1),
        ]
    )
    func distance(_ one: String, _ other: String, _ distance: Int) {
        #expect(EditDistance.distance(one, other) == distance)
        #expect(EditDistance.distance(other, one) == distance)
    }

    @Test("lead to what was meant, the nearest first")
    func near() {
        let candidates = ["rate-limit", "auth", "rate-limiter", "oidc"]
        #expect(EditDistance.near("rate-limt", among: candidates) == ["rate-limit", "rate-limiter"])
        #expect(EditDistance.near("zzz", among: candidates).isEmpty)
    }

    @Test(
        "lead to no function that has but its library in common with what was written",
        arguments: [
            ("env.proxy_lgo", ["env.proxy_log"]),
            ("env.proxy_add_header_map_valve", ["env.proxy_add_header_map_value"]),
            ("env.proxy_redis_call", []), ("env.proxy_call", []), ("wasi.proxy_logs", []), ("env.proxy", []), ("", []),
        ]
    )
    func slips(_ name: String, _ names: [String]) {
        let candidates = ["log", "http_call", "done", "add_header_map_value"].map { "env.proxy_\($0)" }
        #expect(EditDistance.slips(of: name, among: candidates) == names)
    }

    // What people write for short; an abbreviation is likelier than a slip of another name of the same length.
    @Test(
        "are told apart from what is written for short",
        arguments: [
            ("cert", ["tls-certificate"]), ("tls-cert", ["tls-certificate"]), ("tls-crt", ["tls-certificate"]),
            ("tls-ca", ["tls-client-ca", "tls-peers-ca"]), ("ca", ["tls-client-ca", "tls-peers-ca"]),
            ("ops-port", ["operations-port"]), ("TLS_CERT_FILE", ["tls-certificate"]),
            ("tls-private-key", ["tls-key"]), ("tlsclientca", ["tls-client-ca"]), ("tlscert", ["tls-certificate"]),
            ("metrics-port", []), ("---", []), ("tls-prot", ["tls-port"]),
        ]
    )
    func abbreviations(_ word: String, _ names: [String]) {
        let candidates = [
            "operations-port", "tls-certificate", "tls-key", "tls-client-ca", "tls-peers-ca", "tls-port", "peers",
        ]
        #expect(EditDistance.near(word, among: candidates) == names)
    }
}
