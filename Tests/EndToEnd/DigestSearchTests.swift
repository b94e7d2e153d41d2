// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import TestSupport
import Testing

@Suite("Servers that are peers", .serialized, .timeLimit(.minutes(5)))
struct DigestSearchTests {
    /// HTTP without TLS.
    private static let protocols: [WireProtocol] = [.http1, .h2c]

    /// A digest that nobody has.
    private static var unknown: String {
        let digits = (0..<64).map { _ in String(Int.random(in: 0..<16), radix: 16) }
        return "/sha256/\(digits.joined()).wasm"
    }

    @Test("serve each other's digests, and by name what is their own", arguments: protocols)
    func eachOthers(_ wire: WireProtocol) async throws {
        try await withReplicas(of: 2) { group, folder in
            let modules = [
                try await ModuleFile(ofSize: 300_000, to: "1/plugin.wasm", in: folder),
                try await ModuleFile(ofSize: 300_001, to: "2/plugin.wasm", in: folder),
            ]
            let servers = [
                // It takes over nothing unasked, so it has to look for what the second serves.
                try await group.start(
                    1,
                    serving: modules[0].path,
                    with: ["--drain-delay", "0", "--adopt-timeout", "0"]
                ),
                try await group.start(2, serving: modules[1].path),
            ]
            for (server, own) in zip(servers, modules) {
                for module in modules {
                    let reply = try await server.fetch(TestRequest("GET", module.digestPath), over: wire)
                    #expect(reply["content-type"] == "application/wasm")
                    module.expect(in: reply)
                }
                #expect(try await server.fetch(TestRequest("GET", Self.unknown), over: wire).status == 404)
                own.expect(in: try await server.fetch(TestRequest("GET", "/plugin.wasm"), over: wire))
                let document = try await server.modules()
                #expect(document.modules("current").map(\.sha256) == [own.sha256])
                #expect(document.modules("kept").map(\.sha256) == modules.map(\.sha256).filter { $0 != own.sha256 })
            }
            let metrics = try await servers[0].operations("/metrics").text
            #expect(metrics.contains(#"wasm_server_searches_total{result="found"} 1"#))
            #expect(metrics.contains(#"wasm_server_searches_total{result="unknown"} 1"#))
            #expect(try await servers[1].operations("/metrics").text.contains("wasm_server_adopted_modules 1"))
            // It is among its peers, and does not count its own refusal for that of another.
            let adopted = try await servers[1].logLine("adopted")
            #expect(adopted.level == "info" && adopted.allAnswered == nil)
        }
    }

    @Test("know each other by two fields, and by none that is called like them", arguments: protocols)
    func fields(_ wire: WireProtocol) async throws {
        let names = ["wasm-server-peer", "wasm-server-sibling", "wasm-server-foo", "wasm-server-", "wasm-server-peers"]
        func claims(_ server: WasmServer) async throws -> [Bool?] {
            for name in names {
                let fields = [(name, "5b2e29ef99a0cdac"), ("x-request-id", name)]
                let request = TestRequest("GET", "/plugin.wasm", fields)
                #expect(try await server.fetch(request, over: wire).status == 200)
            }
            // Each connection's thread writes its lines when it has sent the answer, which the client may have before.
            let lines = try await server.accessLines(atLeast: names.count)
            return names.map { name in lines.first { $0.requestID == name }?.fromPeer }
        }
        try await withReplicas(of: 2) { group, folder in
            let module = try await ModuleFile(ofSize: 1000, to: "plugin.wasm", in: folder)
            let claimed = try await claims(group.start(1, serving: module.path))
            #expect(claimed == [true, true, false, false, false])
        }
        try await withWasmServer { server in
            let claimed = try await claims(server)
            #expect(claimed == [false, false, false, false, false], "there are no peers")
        }
    }

    @Test("answer for what a peer has as if it were their own", arguments: protocols)
    func everyQuestion(_ wire: WireProtocol) async throws {
        try await withReplicas(of: 2) { group, folder in
            let own = try await ModuleFile(ofSize: 5000, to: "own/plugin.wasm", in: folder)
            let server = try await group.start(1, serving: own.path)
            let first = try await ModuleFile(ofSize: 300_000, to: "theirs/first.wasm", in: folder)
            let second = try await ModuleFile(ofSize: 300_001, to: "theirs/second.wasm", in: folder)
            let third = try await ModuleFile(ofSize: 300_002, to: "theirs/third.wasm", in: folder)
            _ = try await group.start(2, serving: folder.path("theirs"))

            // Each is asked for what this server does not have yet.
            let head = try await server.fetch(TestRequest("HEAD", first.digestPath), over: wire)
            #expect(head.status == 200)
            #expect(head["content-length"] == "\(first.bytes.count)")
            #expect(head.content.isEmpty)
            let digest = try await server.fetch(TestRequest("GET", "\(second.digestPath).sha256"), over: wire)
            #expect(digest.status == 200)
            #expect(digest.text == "\(second.sha256)\n")
            let range = TestRequest("GET", third.digestPath, [("range", "bytes=100-199")])
            let part = try await server.fetch(range, over: wire)
            #expect(part.status == 206)
            #expect(part.content == Array(third.bytes[100...199]))
        }
    }

    @Test("find what a peer serves since a moment ago", arguments: protocols)
    func afterReload(_ wire: WireProtocol) async throws {
        try await withReplicas(of: 2) { group, folder in
            let one = try await ModuleFile(ofSize: 300_000, to: "1/plugin.wasm", in: folder)
            let two = try await ModuleFile(ofSize: 300_001, to: "2/plugin.wasm", in: folder)
            let three = try await ModuleFile(ofSize: 300_002, to: "3/plugin.wasm", in: folder)
            let first = try await group.start(1, serving: one.path)
            let second = try await group.start(2, serving: two.path)
            try three.replace(two.path)
            try await eventually("the new digest to be announced") {
                try await second.announcedDigest() == three.sha256 ? () : nil
            }
            for module in [three, two] {
                let reply = try await first.fetch(TestRequest("GET", module.digestPath), over: wire)
                module.expect(in: reply)
            }
        }
    }

    @Test("do not say that there is no such digest while one of them cannot be asked", arguments: protocols)
    func oneIsDown(_ wire: WireProtocol) async throws {
        try await withReplicas(of: 3) { group, folder in
            let one = try await ModuleFile(ofSize: 300_000, to: "1/plugin.wasm", in: folder)
            let two = try await ModuleFile(ofSize: 300_001, to: "2/plugin.wasm", in: folder)
            let first = try await group.start(1, serving: one.path)
            _ = try await group.start(2, serving: two.path)
            let unknown = try await first.fetch(TestRequest("GET", Self.unknown), over: wire)
            #expect(unknown.status == 503)
            #expect(unknown["retry-after"] == "1")
            #expect(try await first.logLine("peer does not list").reason?.hasPrefix("cannot be reached") == true)
            let known = try await first.fetch(TestRequest("GET", two.digestPath), over: wire)
            two.expect(in: known)
        }
    }

    @Test("take over, before they are ready, what those have that will be gone")
    func adoption() async throws {
        try await withReplicas(of: 3) { group, folder in
            let one = try await ModuleFile(ofSize: 300_000, to: "1/plugin.wasm", in: folder)
            let two = try await ModuleFile(ofSize: 300_001, to: "2/plugin.wasm", in: folder)
            let former = [
                try await group.start(1, serving: one.path), try await group.start(2, serving: one.path),
            ]
            let new = try await group.start(3, serving: two.path)
            #expect(try await new.modules().modules("kept").map(\.sha256) == [one.sha256])
            for server in former { #expect(await server.stop() == 0) }
            let reply = try await new.fetch(TestRequest("GET", one.digestPath))
            one.expect(in: reply)
            #expect(try await new.announcedDigest() == two.sha256)
        }
    }

    @Test("take over what those begin to serve, so that it outlives them though nobody has asked for it")
    func following() async throws {
        try await withReplicas(of: 2) { group, folder in
            let one = try await ModuleFile(ofSize: 300_000, to: "1/plugin.wasm", in: folder)
            let two = try await ModuleFile(ofSize: 300_001, to: "2/plugin.wasm", in: folder)
            let first = try await group.start(1, serving: one.path)
            let second = try await group.start(2, serving: two.path)
            try await eventually("the first to keep what the second serves") {
                try await first.modules().modules("kept").map(\.sha256) == [two.sha256] ? () : nil
            }
            #expect(await second.stop() == 0)
            two.expect(in: try await first.fetch(TestRequest("GET", two.digestPath)))
            #expect(try await first.announcedDigest() == one.sha256)
        }
    }

    @Test("are ready when no other is there")
    func alone() async throws {
        try await withReplicas(of: 3) { group, folder in
            let module = try await ModuleFile(ofSize: 5000, to: "plugin.wasm", in: folder)
            let server = try await group.start(2, serving: module.path)
            #expect(try await server.isReady())
            #expect(try await server.modules().modules.map(\.sha256) == [module.sha256])
        }
    }
}
