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

    @Test(
        "is told with the variable that names it, and how that divides names",
        arguments: [
            ("WASM_SERVER_FILE_PATH", "/nowhere/shim", "WASM_SERVER_FILE_PATH: /nowhere/shim: does not exist; "),
            ("WASM_SERVER_SOURCES", "/nowhere/a.wasm /nowhere/b.wasm", "; divide sources by commas, not by spaces"),
        ]
    )
    func variables(_ name: String, _ value: String, _ words: String) throws {
        let reader = SettingsReader(flags: [:], environment: [name: value])
        let settings = try reader.settings(demo: false, isTerminal: false)
        let failure = #expect(throws: CommandFailure.self) { try settings.load(settings.catalog()) }
        #expect(failure?.message.hasPrefix("\(name): ") == true)
        #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
        #expect(failure?.status == .noInput)
    }
}
