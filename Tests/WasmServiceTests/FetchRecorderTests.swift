// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import HTTPSemantics
import HTTPService
import ModuleCatalog
import TestSupport
import Testing
import WasmService

@Suite("What is listed of fetches")
struct FetchRecorderTests {
    private static let first = WasmModule.ofSize(100, seed: 1)
    private static let second = WasmModule.ofSize(200, seed: 2)
    private static let now = HTTPDate(seconds: 1_795_487_497)

    @Test(
        "is when a module was last sent completely, but to a probe, of current ones and of those that were current then"
    )
    func lastFetched() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(Self.first, to: "a.wasm")
            try folder.write(Self.second, to: "b.wasm")
            let catalog = try LiveCatalog(
                Catalog(sources: [.path(folder.path)], maximumModuleSize: 1 << 20),
                keeping: RetentionPolicy(time: 3600, memory: 1 << 20, count: 10)
            )
            let service = WasmService(serving: catalog.snapshot, now: { Self.now })
            let responder = service.responder()
            _ = catalog.observe { service.serve($0.snapshot) }
            let recorder = FetchRecorder(now: { Self.now })
            recorder.exchangeEnded(try exchange("/a.wasm", responder))
            recorder.exchangeEnded(try exchange("/b.wasm", responder, userAgent: "wasm-server-probe/0.1.0"))
            recorder.exchangeEnded(try exchange("/modules", responder))
            #expect(try listed(responder) == ["/a.wasm current": nil, "/b.wasm current": nil])
            service.renewList()
            // RFC 3339 §5.6.
            #expect(try listed(responder) == ["/a.wasm current": "2026-11-24T02:31:37Z", "/b.wasm current": nil])
            try folder.write(WasmModule.ofSize(300), to: "a.wasm")
            catalog.rescan(.request)
            let later = ["/a.wasm current": nil, "/b.wasm current": nil, "/a.wasm kept": "2026-11-24T02:31:37Z"]
            #expect(try listed(responder) == later)
        }
    }

    private func exchange(_ path: String, _ responder: WasmResponder, userAgent: String? = nil) throws -> Exchange {
        var fields = RequestFields()
        if let userAgent { fields.add(name: "user-agent", value: userAgent) }
        let request = Request(method: .get, path: path, fields: fields)
        return Exchange(
            request: RequestExcerpt(request),
            response: try response(to: request, responder),
            version: .http11,
            client: .example,
            isComplete: true,
            duration: .zero
        )
    }

    private func listed(_ responder: WasmResponder) throws -> [String: String?] {
        struct Document: Decodable {
            struct Module: Decodable {
                let path: String
                let state: String
                let lastFetched: String?
            }

            let modules: [Module]
        }
        guard case .bytes(let bytes) = try response(to: Request(method: .get, path: "/modules"), responder).body else {
            return [:]
        }
        let modules = try JSONDecoder().decode(Document.self, from: Data(bytes.array)).modules
        return Dictionary(uniqueKeysWithValues: modules.map { ("\($0.path) \($0.state)", $0.lastFetched) })
    }

    private func response(to request: Request, _ responder: WasmResponder) throws -> Response {
        struct IsLate: Error {}
        guard case .now(let response) = responder.respond(to: request, from: .example) else { throw IsLate() }
        return response
    }
}
