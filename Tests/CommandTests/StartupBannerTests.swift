// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import ModuleCatalog
import TestSupport
import Testing

@testable import wasm_server

@Suite("What a person sees when the server is ready")
struct StartupBannerTests {
    @Test("is where modules are, by the scheme that the port speaks", arguments: [(false, "http"), (true, "https")])
    func scheme(_ isSecure: Bool, _ scheme: String) async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(WasmModule.empty, to: "a.wasm")
            let snapshot = try Catalog(sources: [.path(folder.path)], maximumModuleSize: 1 << 20).load()
            let text = StartupBanner(snapshot: snapshot, address: "localhost:8082", isSecure: isSecure).text
            let urls = text.matches(of: /(\w+):\/\/localhost:8082/).map(\.1)
            #expect(!urls.isEmpty)
            #expect(urls.allSatisfy { $0 == scheme })
        }
    }
}
