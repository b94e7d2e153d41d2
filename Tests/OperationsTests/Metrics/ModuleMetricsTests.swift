// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import HTTPSemantics
import HTTPService
import ModuleCatalog
import Operations
import TestSupport
import Testing
import WasmService

@Suite("The metrics of modules")
struct ModuleMetricsTests {
    private static let first = WasmModule.ofSize(100, seed: 1)
    private static let second = WasmModule.ofSize(200, seed: 2)

    /// A server that answers requests and counts its answers.
    private final class Server {
        let server: ServerUnderTest
        let catalog: LiveCatalog
        private let responder: WasmResponder
        private let observers: [any ExchangeObserver]

        init(_ folder: TemporaryFolder) throws {
            server = try ServerUnderTest()
            catalog = try LiveCatalog(
                Catalog(sources: [.path(folder.path)], maximumModuleSize: 1 << 20),
                keeping: RetentionPolicy(time: 3600, memory: 1 << 20, count: 10)
            )
            let service = WasmService(serving: catalog.snapshot, now: { HTTPDate(seconds: 1_795_000_000) })
            responder = service.responder()
            observers = [
                server.metrics.observers(of: .data), FetchRecorder(now: { HTTPDate(seconds: 1_795_000_001) }),
            ]
            server.metrics.serve(catalog.snapshot)
            _ = catalog.observe { [server] change in
                if change.isOfKeptOnly {
                    service.keep(change)
                    server.metrics.keep(change.snapshot)
                } else {
                    service.serve(change.snapshot)
                    server.metrics.serve(change.snapshot)
                }
            }
        }

        /// Answers a request and tells the observers.
        func ask(_ path: String, method: Method = .get, peer: String? = nil, isComplete: Bool = true) {
            var fields = RequestFields()
            if let peer { fields.add(name: "its-own", value: peer, reading: FieldSelection(own: ["its-own"])) }
            let request = Request(method: method, path: path, fields: fields)
            guard case .now(let response) = responder.respond(to: request, from: .example) else {
                Issue.record("\(path) is answered later")
                return
            }
            let exchange = Exchange(
                request: RequestExcerpt(request),
                response: response,
                version: .http2,
                client: .example,
                isComplete: isComplete,
                duration: .zero
            )
            for observer in observers { observer.exchangeEnded(exchange) }
        }

        /// The requests that were counted, by module, key and status.
        var requests: Set<String> {
            let pattern = /wasm_server_requests_total\{by="(.*?)",.*module="(.*?)",.*status="(.*?)"\} ([1-9].*)/
            return Set(
                server.scrape.lines.compactMap { $0.wholeMatch(of: pattern) }.map { "\($0.2) \($0.1) \($0.3): \($0.4)" }
            )
        }

        func lastFetch(_ path: String, _ module: [UInt8]) -> Double? {
            server.scrape[
                #"wasm_server_module_last_fetch_timestamp_seconds{path="\#(path)",sha256="\#(Digest(of: module))"}"#
            ]
        }
    }

    private func withServer(
        _ modules: [String: [UInt8]],
        _ body: (Server, TemporaryFolder) throws -> Void
    ) async throws {
        try await TemporaryFolder.with { folder in
            for (path, bytes) in modules { try folder.write(bytes, to: path) }
            try body(try Server(folder), folder)
        }
    }

    @Test("name the path that was asked for, though others have the same bytes, and a digest as what it is")
    func sharedBytes() async throws {
        try await withServer(["a.wasm": Self.first, "b.wasm": Self.first, "c.wasm": Self.second]) { server, _ in
            server.ask("/b.wasm")
            server.ask("/b.wasm.sha256")
            server.ask("/c.wasm")
            server.ask("/sha256/\(Digest(of: Self.second)).wasm")
            // By its digest it cannot be told whether a or b is meant.
            server.ask("/sha256/\(Digest(of: Self.first)).wasm")
            #expect(
                server.requests == [
                    "/b.wasm name 200: 2", "/c.wasm name 200: 1", "/c.wasm digest 200: 1", "shared digest 200: 1",
                ]
            )
        }
    }

    @Test("name the path of a module that is rejected, and follow a module that is only kept")
    func rejectedAndKept() async throws {
        try await withServer(["a.wasm": Self.first, "bad.wasm": Array("<html>".utf8)]) { server, folder in
            server.ask("/bad.wasm")
            server.ask("/bad.wasm.sha256")
            #expect(server.requests == ["/bad.wasm name 503: 2"])
            try folder.write(Self.second, to: "a.wasm")
            server.catalog.rescan(.request)
            server.ask("/sha256/\(Digest(of: Self.first)).wasm")
            #expect(server.requests == ["/bad.wasm name 503: 2", "kept digest 200: 1"])
        }
    }

    @Test("count what a peer has given as kept, from the first on, and forget nothing of what is served by name")
    func given() async throws {
        try await withServer(["a.wasm": Self.first]) { server, _ in
            server.ask("/a.wasm")
            try server.catalog.keep(try SealedBlob.of(Self.second), from: "peer", for: .sought, lastUsed: nil)
            server.ask("/a.wasm")
            server.ask("/sha256/\(Digest(of: Self.second)).wasm")
            #expect(server.requests == ["/a.wasm name 200: 2", "kept digest 200: 1"])
            #expect(server.server.scrape[#"wasm_server_modules{state="kept"}"#] == 1)
        }
    }

    @Test(
        "tell a module that is not here from what could be none, whatever it is called",
        arguments: [
            ("/plugin.wasm", "name"), ("/plugin.wasm.sha256", "name"), ("/x/\u{202e}.wasm", "name"),
            ("/sha256/\(Digest(of: [])).wasm", "digest"), ("/sha256/ABC.wasm", "digest"),
            ("/favicon.ico", ""), ("/", ""), ("/.env", ""), ("/modules/plugin.wasm/envoy.yaml", ""),
        ]
    )
    func missing(_ path: String, _ key: String) async throws {
        try await withServer(["a.wasm": Self.first]) { server, _ in
            let before = server.server.scrape.lines.count
            server.ask(path)
            #expect(server.requests == [" \(key) 404: 1"])
            #expect(server.server.scrape.lines.count == before)
        }
    }

    @Test("tell which bytes are served where, and when they were last fetched")
    func lastFetch() async throws {
        try await withServer(["a.wasm": Self.first, "b.wasm": Self.first]) { server, folder in
            let info = #"wasm_server_module_info{path="/a.wasm",sha256="\#(Digest(of: Self.first))"}"#
            #expect(server.server.scrape[info] == 1)
            // None of these has the bytes in a gateway's hands.
            server.ask("/a.wasm", method: .head)
            server.ask("/a.wasm.sha256")
            server.ask("/a.wasm", isComplete: false)
            server.ask("/a.wasm", peer: "5b2e29ef99a0cdac")
            #expect(server.lastFetch("/a.wasm", Self.first) == 0)
            server.ask("/a.wasm")
            #expect(server.lastFetch("/a.wasm", Self.first) == 1_795_000_001)
            #expect(server.lastFetch("/b.wasm", Self.first) == 0)
            server.ask("/sha256/\(Digest(of: Self.first)).wasm")
            #expect(server.lastFetch("/b.wasm", Self.first) == 1_795_000_001)
            // Other bytes were never fetched, and those that stay were.
            try folder.write(Self.second, to: "a.wasm")
            server.catalog.rescan(.request)
            #expect(server.lastFetch("/a.wasm", Self.second) == 0)
            #expect(server.lastFetch("/b.wasm", Self.first) == 1_795_000_001)
            #expect(server.server.scrape[info] == nil)
        }
    }
}
