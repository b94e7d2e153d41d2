// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import ServerClient
import Testing

@testable import Tracing

@Suite("The endpoint of a collector")
struct CollectorEndpointTests {
    // OpenTelemetry's OTLP exporter, "Endpoint URLs for OTLP/HTTP": the signal's path is relative to the base URL.
    @Test(
        "is a base URL, below which spans are sent to /v1/traces",
        arguments: [
            ("http://collector:4318", "http://collector:4318", "/v1/traces"),
            ("http://collector:4318/", "http://collector:4318", "/v1/traces"),
            ("https://a.example/otlp", "https://a.example:443/otlp", "/otlp/v1/traces"),
            ("http://[::1]/a/b//", "http://[::1]:80/a/b", "/a/b/v1/traces"),
            ("HTTP://192.0.2.1:1/%41;x=~", "http://192.0.2.1:1/%41;x=~", "/%41;x=~/v1/traces"),
        ]
    )
    func good(_ text: String, _ base: String, _ path: String) throws {
        let endpoint = try CollectorEndpoint(text)
        #expect(endpoint.description == base)
        #expect(endpoint.path == path)
    }

    @Test(
        "says what is wrong with it, and what to write",
        arguments: [
            ("collector:4318", "scheme", "http://otel-collector:4318"), ("", "scheme", "http://"),
            ("$(OTEL_EXPORTER_OTLP_ENDPOINT)", "variable", "write the URL itself"), ("u:p@a:4318", "scheme", "http://"),
            ("ftp://u:p@a", "neither", "http://"), ("http://u:p@a/x@b", "user", "leave it out"),

            ("grpc://a:4317", "neither http nor https", "http://"),
            ("http://a:4318/v1/traces", "/v1/traces", "leave that out"), ("http://:4318", "host", "http://"),
            ("http://a:4318?x=y", "more than a path", "leave out"),

            ("http://a:4318/b#c", "more than a path", "leave out"),
            ("http://a:4318/b c", "character", "percent-encode"),

            ("http://a:4318/b\r\nc", "character", "percent-encode"),
            ("http://a:99999", "port", "http://"), ("http://u:p@a:4318/b", "user", "leave it out"),
        ]
    )
    func bad(_ text: String, _ reason: String, _ remedy: String) throws {
        let error = try #require(throws: ServerNameError.self) { try CollectorEndpoint(text) }
        #expect(error.reason.contains(reason))
        #expect(error.remedy.contains(remedy))
        // A password never reaches a terminal or a log.
        #expect(!error.description.contains("u:p@"))
    }
}
