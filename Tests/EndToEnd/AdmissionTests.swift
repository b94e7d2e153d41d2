// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport
import Testing

/// What becomes of a valid module that Envoy does not load (`EnvoyVerdictTests` has what Envoy says of many).
@Suite("A module that proxies would not load", .timeLimit(.minutes(5)))
struct AdmissionTests {
    /// Takes a function that Envoy offers since 1.39.
    private static var recent: [UInt8] {
        var plugin = PluginModule()
        plugin.imports = [("wasi_snapshot_preview1", "fd_sync", .words(1))]
        return plugin.bytes
    }

    @Test("is rejected with the rule that it breaks, for the host that is named")
    func rejected() async throws {
        try await withTemporaryFolder { folder in
            let empty = folder.appending(path: "empty.wasm")
            try Data(WasmModule.empty).write(to: empty)
            let refused = try await Outcome.of(["serve", "--check", empty.path], in: folder)
            #expect(refused.code == SysExit.dataError)
            #expect(refused.errors.contains { $0.contains("is no proxy-wasm plugin") && $0.contains("(abi-version)") })
            let recent = folder.appending(path: "recent.wasm")
            try Data(Self.recent).write(to: recent)
            let newest = try await Outcome.of(["serve", "--check", recent.path], in: folder)
            #expect(newest.code == 0)
            #expect(newest.output.contains("is rejected for envoy-1.38, envoy-1.37, envoy-1.36"))
            let older = try await Outcome.of(
                ["serve", "--check", "--host-profile", "istio-1.30", recent.path],
                in: folder
            )
            #expect(older.code == SysExit.dataError)
            #expect(
                older.errors.contains {
                    $0.contains("(unknown-import)") && $0.contains("it is admitted for envoy-1.40, envoy-1.39")
                }
            )
        }
    }

    @Test("is served all the same by --admission warn, and `probe` and `config` are not content with it")
    func served() async throws {
        try await TemporaryFolder.with { modules in
            let file = try modules.write(WasmModule.empty, to: "plugin.wasm")
            try await withWasmServer(serving: file, with: ["--admission", "warn", "--drain-delay", "0"]) { server in
                try await withTemporaryFolder { folder in
                    let url = "http://127.0.0.1:\(server.port)"
                    let probed = try await Outcome.of(["probe", url], in: folder)
                    #expect(probed.code == SysExit.protocolError)
                    #expect(probed.output.contains("rejected for envoy-1.40: it is no proxy-wasm plugin"))
                    let configured = try await Outcome.of(["config", "--for", "envoy", "--url", url], in: folder)
                    #expect(configured.code == SysExit.dataError && configured.output.isEmpty)
                    #expect(
                        configured.errors.contains {
                            $0.contains("/plugin.wasm is rejected for envoy-1.40 (abi-version, allocator)")
                        }
                    )
                    let anyway = try await Outcome.of(
                        ["config", "--for", "envoy", "--url", url, "--admission", "warn"],
                        in: folder
                    )
                    #expect(anyway.code == 0 && !anyway.output.isEmpty)
                }
            }
        }
    }

    @Test("is counted by the rules that it breaks, and answered with 503 that names them")
    func counted() async throws {
        try await TemporaryFolder.with { modules in
            try modules.write(WasmModule.plugin, to: "good.wasm")
            try await withWasmServer(serving: modules.path) { server in
                try modules.write(WasmModule.empty, to: "bad.wasm")
                _ = try await eventually("the module to be rejected") {
                    try await server.get("/bad.wasm").status == 503 ? true : nil
                }
                let metrics = try await server.operations("/metrics").text
                #expect(metrics.contains(#"wasm_server_rejected_modules{rule="abi-version"} 1"#))
                #expect(metrics.contains(#"wasm_server_rejected_modules{rule="allocator"} 1"#))
                #expect(try await server.get("/bad.wasm").text.contains("(abi-version)"))
            }
        }
    }
}
