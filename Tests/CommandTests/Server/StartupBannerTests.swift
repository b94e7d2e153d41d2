// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import ModuleCatalog
import Operations
import ProxyWasm
import TestSupport
import Testing

@testable import wasm_server

@Suite("What a person sees when the server is ready")
struct StartupBannerTests {
    private static let operations = StartupBanner.Port(listener: .operations, address: "localhost:9082")

    @Test(
        "is where modules are, by the scheme that the port speaks, and every port",
        arguments: [(false, "http"), (true, "https")]
    )
    func scheme(_ isSecure: Bool, _ scheme: String) async throws {
        let port = StartupBanner.Port(listener: isSecure ? .tls : .data, address: "localhost:8082")
        let text = try await text(of: ["a.wasm": WasmModule.plugin], at: [port])
        let urls = text.matches(of: /(\w+):\/\/localhost:8082/).map(\.1)
        #expect(!urls.isEmpty)
        #expect(urls.allSatisfy { $0 == scheme })
        #expect(text.contains("http://localhost:9082  a page, probes and metrics"))
        #expect(text.contains("--cacert") == isSecure)
    }

    @Test("names both ports of modules where there are two")
    func ports() async throws {
        let ports = [
            StartupBanner.Port(listener: .data, address: "localhost:8082"),
            StartupBanner.Port(listener: .tls, address: "localhost:8443"),
        ]
        let text = try await text(of: ["a.wasm": WasmModule.plugin], at: ports)
        #expect(text.contains("  http://localhost:8082/a.wasm\n"))
        #expect(text.contains("https://localhost:8443  modules, over TLS"))
    }

    @Test("says how much is rejected, and that the server is not ready then")
    func rejections() async throws {
        let port = StartupBanner.Port(listener: .data, address: "localhost:8082")
        let files = ["a.wasm": WasmModule.plugin, "b.wasm": Array("<html>".utf8)]
        let text = try await text(of: files, at: [port])
        #expect(text.contains("1 rejected, so not ready: see http://localhost:8082/modules"))
        #expect(try await !self.text(of: ["a.wasm": WasmModule.plugin], at: [port]).contains("rejected"))
    }

    @Test("calls nothing verified that its host would not load, though it is served")
    func unverified() async throws {
        let port = StartupBanner.Port(listener: .data, address: "localhost:8082")
        // Without an ABI it is no plugin (`wasm.cc` of proxy-wasm-cpp-host).
        let alone = try await text(of: ["b.wasm": WasmModule.empty], at: [port], admission: .warn)
        #expect(alone.contains("Serving, though envoy-1.40 would not load it:\n\n  http://localhost:8082/b.wasm"))
        #expect(!alone.contains("verified"))
        let files = ["a.wasm": WasmModule.plugin, "b.wasm": WasmModule.empty]
        let both = try await text(of: files, at: [port], admission: .warn)
        #expect(both.contains("Serving, verified:\n\n  http://localhost:8082/a.wasm"))
        #expect(both.contains("Serving, though envoy-1.40 would not load it:\n\n  http://localhost:8082/b.wasm"))
    }

    private func text(
        of files: [String: [UInt8]],
        at ports: [StartupBanner.Port],
        admission mode: AdmissionPolicy.Mode = .enforce
    ) async throws -> String {
        let host = try #require(HostProfile(named: "envoy-1.40"))
        return try await TemporaryFolder.with { folder in
            for (name, bytes) in files { try folder.write(bytes, to: name) }
            let policy = AdmissionPolicy(for: host, mode)
            let catalog = Catalog(sources: [.path(folder.path)], maximumModuleSize: 1 << 20, admission: policy)
            return StartupBanner(snapshot: try catalog.load(), host: host, ports: ports + [Self.operations]).text
        }
    }
}
