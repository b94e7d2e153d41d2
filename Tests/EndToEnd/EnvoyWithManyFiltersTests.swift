// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport
import Testing

/// A gateway with so many plugins that all of its requests at once are more than HTTP/2 clients may usually have open.
@Suite("An Envoy with many filters", .serialized, .timeLimit(.minutes(5)))
struct EnvoyWithManyFiltersTests {
    @Test(
        "gets every module at its first try over one connection, as Kuadrant configures it",
        arguments: EnvoyVersion.allCases,
        [104, 200]
    )
    func firstTry(_ version: EnvoyVersion, _ count: Int) async throws {
        try await TemporaryFolder.with { folder in
            let modules = try await plugins(count, in: folder)
            try await withWasmServer(serving: folder.path) { server in
                let configurations = modules.map {
                    EnvoyConfiguration.kuadrant(path: $0.digestPath, sha256: $0.sha256, port: server.port)
                }
                let filters = configurations.enumerated().map { number, configuration in
                    configuration.filter.replacingOccurrences(
                        of: #""name": "envoy.filters.http.wasm""#,
                        with: #""name": "plugin-\#(number)""#
                    )
                }
                let cluster = try #require(configurations.first).cluster
                let configuration = EnvoyConfiguration(filter: filters.joined(separator: ",\n"), cluster: cluster)
                try await withEnvoy(version, configuration) { envoy in
                    let reply = try await envoy.firstReplyFromPlugin()
                    #expect(reply.status == 200)
                    #expect(try await envoy.statistic("wasm.remote_load_fetch_successes") == count)
                    #expect(try await envoy.statistic("wasm.remote_load_fetch_failures") == 0)
                    #expect(try await envoy.statistic("cluster.kuadrant-operator-wasm.upstream_cx_total") == 1)
                    #expect(try await envoy.statistic("cluster.kuadrant-operator-wasm.upstream_rq_retry") == 0)
                }
                let fetches = try await server.accessLines(atLeast: count)
                #expect(fetches.allSatisfy { $0.status == 200 && $0.protocol == "HTTP/2" })
                #expect(fetches.compactMap(\.path).sorted() == modules.map(\.digestPath).sorted())
            }
        }
    }

    /// The demo plugin in as many versions, which differ in a custom section (WebAssembly core specification, §5.5.3).
    private func plugins(_ count: Int, in folder: TemporaryFolder) async throws -> [ModuleFile] {
        let demo = try await withWasmServer { server in try await server.get("/plugin.wasm").content }
        var modules: [ModuleFile] = []
        for number in 0..<count {
            let bytes = Array(demo) + [0, 4, 3] + Array(String(1000 + number).utf8.suffix(3))
            modules.append(try await ModuleFile(bytes, to: "\(number).wasm", in: folder))
        }
        return modules
    }
}
