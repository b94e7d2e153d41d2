// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Testing

@testable import ServerClient

@Suite("Origins")
struct OriginTests {
    @Test(
        "are a scheme, a host and a port",
        arguments: [
            ("http://wasm-server:8082", false, "wasm-server", 8082), ("HTTPS://a.b:1/", true, "a.b", 1),
            ("http://[::1]:8082", false, "::1", 8082), ("http://192.0.2.1:80", false, "192.0.2.1", 80),
        ]
    )
    func good(_ text: String, _ isSecure: Bool, _ host: String, _ port: Int) throws {
        let origin = try Origin(text)
        #expect(origin.isSecure == isSecure)
        #expect(origin.name.host == host)
        #expect(origin.port == port)
        #expect(try Origin(origin.description) == origin)
    }

    @Test(
        "say what is wrong with them, and what to write",
        arguments: [
            ("wasm-server:8082", "scheme", "http://"), ("ftp://a:1", "scheme", "http://"), ("", "scheme", "http://"),
            ("http://a", "port", "http://a:8082"), ("https://[::1]", "port", "https://[::1]:8082"),
            ("http://a:1/plugin.wasm", "more than", "leave out"), ("http://a:1?x", "more than", "leave out"),
            ("http://u:p@a:1", "user", "leave it out"),
            ("http://u:p@a:1/x", "user", "leave it out"),
            ("http://:1", "host", "http://"),
            ("http://a:99999", "port", "http://"), ("http://a b:1", "host", "http://"),
        ]
    )
    func bad(_ text: String, _ reason: String, _ remedy: String) throws {
        let error = try #require(throws: ServerNameError.self) { try Origin(text) }
        #expect(error.reason.contains(reason))
        #expect(error.remedy.contains(remedy))
        // A password never reaches a terminal or a log.
        #expect(!error.description.contains("u:p@"))
    }
}
