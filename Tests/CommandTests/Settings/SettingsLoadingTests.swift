// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import ModuleCatalog
import TestSupport
import Testing

@testable import wasm_server

@Suite("What cannot be served by the settings")
struct SettingsLoadingTests {
    @Test("is told with the flags that would let it be")
    func limits() async throws {
        try await TemporaryFolder.with { folder in
            let module = WasmModule.plugin
            let file = try folder.write(module, to: "a.wasm")
            var settings = Settings()
            settings.sources = [.path(file)]
            settings.maximumModuleSize = module.count - 1
            let tooLarge = #expect(throws: CommandFailure.self) { try settings.load(settings.catalog()) }
            #expect(
                tooLarge?.message == """
                    \(file): has \(module.count) bytes, and --max-module-size allows \(module.count - 1) bytes; raise \
                    --max-module-size, or build the module smaller (Envoy itself takes at most 32 MiB)
                    """
            )
            settings.maximumModuleSize = module.count
            settings.retainedMemory = 1
            let notKept = #expect(throws: CommandFailure.self) { try settings.load(settings.catalog()) }
            #expect(notKept?.message.hasPrefix("--retain-memory is 1 bytes") == true)
            #expect(notKept?.message.hasSuffix("or keep nothing (--retain 0)") == true)
        }
    }
}
