// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import HTTPSemantics
import ModuleCatalog
import TestSupport
import Testing
import WasmService

@Suite("A module that is kept by its digest")
struct KeptModuleTests {
    /// Peers who have nothing.
    private struct NoSearch: DigestSearch {
        func wasAsked(by _: String, as _: String) {}

        func search(
            for digest: Digest,
            from client: String,
            holding byteCount: Int,
            completion: @escaping @Sendable (SearchOutcome) -> Void
        ) {
            completion(.unknown)
        }
    }

    private static let former = WasmModule.ofSize(5000, seed: 1)

    @Test(
        "is in use when a gateway fetches it, and not when a peer does, on behalf of others or to have it too",
        arguments: [(nil, true, true), ("5b2e29ef99a0cdac", true, false), ("5b2e29ef99a0cdac", false, true)]
            as [(String?, Bool, Bool)]
    )
    func use(by peer: String?, whereThereArePeers havePeers: Bool, _ counts: Bool) async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(Self.former, to: "plugin.wasm")
            // The system has been up for longer than that.
            let catalog = try LiveCatalog(
                Catalog(sources: [.path(folder.path)], maximumModuleSize: 1 << 20),
                keeping: RetentionPolicy(time: 3600, memory: 1 << 20, count: 10),
                now: { Moment(date: 1_795_000_000, uptime: 0) }
            )
            try folder.write(WasmModule.ofSize(6000, seed: 2), to: "plugin.wasm")
            catalog.look(.request)
            let kept = try #require(catalog.snapshot.kept.first)
            let search = havePeers ? NoSearch() : nil
            let service = WasmService(
                serving: catalog.snapshot,
                search: search,
                now: { HTTPDate(seconds: 1_795_000_000) }
            )
            var request = Request(method: .get, path: "/sha256/\(Digest(of: Self.former)).wasm")
            if let peer { request.fields.add(name: "wasm-server-peer", value: peer) }
            guard case .now(let response) = service.responder().respond(to: request, from: "192.0.2.1:4711") else {
                Issue.record("what is here is answered at once")
                return
            }
            #expect(response.head.status == .ok)
            let start = Moment(date: 0, uptime: 0)
            #expect((kept.lastUsed(as: start) > 0) == counts)
        }
    }
}
