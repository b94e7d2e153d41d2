// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import TestSupport
import Testing

/// The way from the announced sha256 to the running plugin, with the server and Envoy as they are.
///
/// One scenario after another, because each of them runs two programs that want a processor of their own.
@Suite("An unmodified Envoy", .serialized, .timeLimit(.minutes(5)))
struct EnvoyRunsThePluginTests {
    @Test("downloads the plugin over HTTP/1.1, verifies it and runs it", arguments: EnvoyVersion.allCases)
    func remoteOverHTTP1(version: EnvoyVersion) async throws {
        try await withWasmServer { server in
            let sha256 = try await server.announcedDigest()
            let configuration = EnvoyConfiguration.remote(path: "/plugin.wasm", sha256: sha256, port: server.port)
            try await withEnvoy(version, configuration) { envoy in
                let reply = try await envoy.firstReplyFromPlugin()
                #expect(reply.status == 200)
                #expect(reply.fields["x-wasm-server-demo"] == "hello")
                #expect(try await envoy.statistic("wasm.remote_load_fetch_successes") == 1)
            }
            let fetches = try await server.accessLines()
            #expect(fetches.map(\.protocol) == ["HTTP/1.1"])
            #expect(fetches.map(\.path) == ["/plugin.wasm"])
            #expect(fetches.map(\.sha256) == [sha256])
        }
    }

    @Test("runs the plugin as Kuadrant's operator tells it to, over cleartext HTTP/2", arguments: EnvoyVersion.allCases)
    func kuadrantOverHTTP2(version: EnvoyVersion) async throws {
        try await withWasmServer { server in
            let sha256 = try await server.announcedDigest()
            try await withEnvoy(version, .kuadrant(sha256: sha256, port: server.port)) { envoy in
                let reply = try await envoy.firstReplyFromPlugin()
                #expect(reply.status == 200)
                #expect(reply.fields["x-wasm-server-demo"] == "hello")
            }
            let fetches = try await server.accessLines()
            #expect(fetches.map(\.protocol) == ["HTTP/2"])
            #expect(fetches.map(\.sha256) == [sha256])
        }
    }

    @Test("runs the plugin from the URL that names its digest", arguments: EnvoyVersion.allCases)
    func digestURL(version: EnvoyVersion) async throws {
        try await withWasmServer { server in
            let sha256 = try await server.announcedDigest()
            let path = "/sha256/\(sha256).wasm"
            try await withEnvoy(version, .remote(path: path, sha256: sha256, port: server.port)) { envoy in
                let reply = try await envoy.firstReplyFromPlugin()
                #expect(reply.status == 200)
                #expect(reply.fields["x-wasm-server-demo"] == "hello")
            }
            let fetches = try await server.accessLines()
            #expect(fetches.map(\.path) == [path])
            #expect(fetches.map(\.sha256) == [sha256])
        }
    }

    @Test("runs, at the first try, the plugin that only a peer of its server has", arguments: EnvoyVersion.allCases)
    func digestOfPeer(version: EnvoyVersion) async throws {
        try await withReplicas(of: 2) { group, folder in
            let other = try await ModuleFile(ofSize: 5000, to: "plugin.wasm", in: folder)
            let server = try await group.start(1, serving: other.path)
            let sha256 = try await group.start(2, serving: "--demo").announcedDigest()
            let path = "/sha256/\(sha256).wasm"
            let configuration = EnvoyConfiguration.kuadrant(
                path: path,
                sha256: sha256,
                host: server.host,
                port: server.port
            )
            try await withEnvoy(version, configuration) { envoy in
                let reply = try await envoy.firstReplyFromPlugin()
                #expect(reply.status == 200)
                #expect(reply.fields["x-wasm-server-demo"] == "hello")
                #expect(try await envoy.statistic("wasm.remote_load_fetch_successes") == 1)
                #expect(try await envoy.statistic("wasm.remote_load_fetch_failures") == 0)
            }
            let fetches = try await server.accessLines().filter { $0.path == path }
            #expect(fetches.map(\.status) == [200])
            #expect(fetches.map(\.protocol) == ["HTTP/2"])
        }
    }

    @Test("rejects a plugin with another sha256, and the server is none the worse", arguments: EnvoyVersion.allCases)
    func wrongDigest(version: EnvoyVersion) async throws {
        try await withWasmServer { server in
            let wrong = String(repeating: "0", count: 64)
            let configuration = EnvoyConfiguration.remote(path: "/plugin.wasm", sha256: wrong, port: server.port)
            try await withEnvoy(version, configuration) { envoy in
                let reply = try await envoy.firstReply()
                #expect(reply.status == 503)
                #expect(reply.fields["x-wasm-server-demo"] == nil)
                #expect(try await envoy.statistic("wasm.remote_load_fetch_failures") >= 1)
                #expect(try await envoy.statistic("wasm.remote_load_fetch_successes") == 0)
            }
            // Envoy tries once more by itself; the server did well both times.
            let fetches = try await server.accessLines(atLeast: 2)
            let sha256 = try await server.announcedDigest()
            let size = try await server.get("/plugin.wasm").content.count
            for fetch in fetches {
                #expect(fetch.status == 200)
                #expect(fetch.bytes == size)
                #expect(fetch.sha256 == sha256)
            }
            #expect(try await server.isReady())
        }
    }

    @Test("runs the plugin of a server that starts one second after the first try", arguments: EnvoyVersion.allCases)
    func lateServer(version: EnvoyVersion) async throws {
        // A port that the system gives to no outgoing connection meanwhile; a first run on it tells the sha256.
        let port = try await LoopbackNetwork.freePort()
        let sha256 = try await withWasmServer(on: port) { server in try await server.announcedDigest() }
        let configuration = EnvoyConfiguration.remote(
            path: "/plugin.wasm",
            sha256: sha256,
            port: port,
            retryPolicy: EnvoyConfiguration.patientRetryPolicy
        )
        try await withEnvoy(version, configuration) { envoy in
            try await eventually("Envoy's first try to fail") {
                try await envoy.statistic("cluster.wasm-server.upstream_cx_connect_fail") >= 1 ? () : nil
            }
            // This second is the scenario itself.
            try await Task.sleep(for: .seconds(1))
            try await withWasmServer(on: port) { server in
                let reply = try await envoy.firstReplyFromPlugin()
                #expect(reply.status == 200)
                #expect(reply.fields["x-wasm-server-demo"] == "hello")
                #expect(try await server.accessLines().map(\.sha256) == [sha256])
            }
        }
    }
}
