// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import HTTPService
import ModuleCatalog
import TestSupport
import Testing

@testable import HTTPTransport

@Suite("What can be read of a request that is refused")
struct HTTP1RefusalTests {
    @Test(
        "reaches the observer with the answer's reason",
        arguments: [
            ("GET /a.wasm HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", Status.badRequest, "Host"),
            ("GET /a.wasm HTTP/1.1\r\nX: \(much)", .requestHeaderFieldsTooLarge, "field"),
            ("GET /a.wasm\(much)", .uriTooLong, "request line"),
            ("GET /a.wasm HTTP/3.0\r\n\r\n", .httpVersionNotSupported, "HTTP/1.1"),
        ]
    )
    func exchange(_ head: String, _ status: Status, _ word: String) async throws {
        try await LiveServer.with(try .of(["a.wasm": WasmModule.plugin])) { server in
            _ = try await RawConnection.exchange(head, port: server.port, over: .http1)
            await server.observer.awaitExchanges(1)
            let exchange = try #require(server.observer.exchanges.first)
            #expect(exchange.response.head.status == status)
            #expect(exchange.response.reason?.contains(word) == true)
            #expect(exchange.request?.path.hasPrefix("/a.wasm") == true)
        }
    }

    private static let much = String(repeating: "x", count: 20_000)
}
