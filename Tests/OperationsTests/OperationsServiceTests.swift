// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import ModuleCatalog
import Operations
import TestSupport
import Testing

@Suite("The probes")
struct OperationsServiceTests {
    private let readiness = Readiness()

    @Test("of a server that is starting: alive, neither started nor ready")
    func starting() {
        #expect(statuses() == [200, 503, 503])
    }

    @Test("of a server that serves everything: all well")
    func serving() throws {
        readiness.begin(serving: try snapshot([WasmModule.empty]))
        #expect(statuses() == [200, 200, 200])
    }

    @Test("of a server that refused a module: not ready, and why")
    func refused() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(WasmModule.empty, to: "good.wasm")
            let bad = try folder.write(Array("<html>".utf8), to: "bad.wasm")
            readiness.begin(serving: try Catalog(sources: [.path(folder.path)], maximumModuleSize: 100).load())
            #expect(statuses() == [200, 200, 503])
            let response = respond("/readyz")
            guard case .bytes(let document) = response.body else {
                Issue.record("there is a problem document")
                return
            }
            #expect(String(decoding: document, as: UTF8.self).contains(bad))
        }
    }

    @Test("of a server that shuts down: not ready at once, still alive")
    func draining() throws {
        readiness.begin(serving: try snapshot([WasmModule.empty]))
        readiness.drain()
        #expect(statuses() == [200, 200, 503])
    }

    @Test("are the only thing on their port, and read-only")
    func others() {
        #expect(respond("/plugin.wasm").head.status == .notFound)
        let service = OperationsService(readiness: readiness)
        #expect(service.respond(to: Request(method: .other("POST"), path: "/livez")).head.status == .methodNotAllowed)
    }

    private func statuses() -> [Int] {
        ["/livez", "/startupz", "/readyz"].map { respond($0).head.status.rawValue }
    }

    private func respond(_ path: String) -> Response {
        OperationsService(readiness: readiness).respond(to: Request(method: .get, path: path))
    }

    private func snapshot(_ modules: [[UInt8]]) throws -> Snapshot {
        try Catalog(sources: modules.map { .embedded(.plugin, $0) }, maximumModuleSize: 100).load()
    }
}
