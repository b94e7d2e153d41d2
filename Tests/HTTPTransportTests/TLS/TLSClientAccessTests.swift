// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import HTTPService
import TestSupport
import Testing

@Suite("A client with a valid certificate")
struct TLSClientAccessTests {
    private static let versions = ["-tls1_2", "-tls1_3"]

    @Test("may fetch if its name is on the list", arguments: versions)
    func listed(_ version: String) async throws {
        try await TLSScene.with(allowing: ["gateway.example"]) { scene in
            let client = try await scene.make.issue("client", by: scene.authority, names: ["DNS:gateway.example"])
            let result = try await scene.connect([version, "-cert", client.certificate, "-key", client.key])
            #expect(result.output.contains("HTTP/1.1 200 OK"))
            #expect(await scene.events() == [.opened, .handshakeCompleted, .closed])
        }
    }

    @Test("is told with 403 who it is if its name is not, and so is the log", arguments: versions)
    func unlisted(_ version: String) async throws {
        try await TLSScene.with(allowing: ["gateway.example"]) { scene in
            let client = try await scene.make.issue("client", by: scene.authority, names: ["DNS:other.example"])
            let result = try await scene.connect([version, "-cert", client.certificate, "-key", client.key])
            #expect(result.output.contains("HTTP/1.1 403 Forbidden"))
            #expect(result.output.contains("This client, other.example, is not among those who may fetch."))
            #expect(await scene.events() == [.opened, .handshakeCompleted, .refused(.clientNotAllowed), .closed])
            #expect(scene.server.observer.identities == ["other.example"])
            #expect(scene.server.observer.exchanges.map(\.response.head.status) == [.forbidden])
        }
    }

    @Test("is told that its certificate has no name that could be on the list, and whose it is")
    func nameless() async throws {
        try await TLSScene.with(allowing: ["gateway.example"]) { scene in
            for names in [[], ["IP:10.0.0.1", "email:a@gateway.example"]] {
                let client = try await scene.make.issue("gateway.example", by: scene.authority, names: names)
                let result = try await scene.connect(["-cert", client.certificate, "-key", client.key])
                #expect(result.output.contains("HTTP/1.1 403 Forbidden"))
                let reason = "This client's certificate, of CN=gateway.example, has no DNS name or SPIFFE ID"
                #expect(result.output.contains(reason))
            }
            _ = await scene.events(ofConnections: 2)
            let told = scene.server.observer.failures
            #expect(told.map(\.subject) == ["CN=gateway.example", "CN=gateway.example"])
            #expect(told.map(\.identity) == [nil, "10.0.0.1"])
            #expect(told.map(\.detail) == Array(repeating: "its certificate has no DNS name or SPIFFE ID", count: 2))
        }
    }

    @Test("is told so over HTTP/2 too, at each of its requests")
    func unlistedHTTP2() async throws {
        try await TLSScene.with(allowing: ["gateway.example"]) { scene in
            let client = try await scene.make.issue("client", by: scene.authority, names: ["DNS:other.example"])
            let url = "https://127.0.0.1:\(scene.server.securePort)"
            let output = try await CommandLineTool.require(
                [
                    "curl", "--disable", "--silent", "--show-error", "--insecure", "--http2", "--cert",
                    client.certificate,
                ]
                    + ["--key", client.key, "--write-out", "%{http_version} %{response_code}\n"]
                    + ["\(url)/health", "\(url)/plugin.wasm", "--output", "/dev/null", "--output", "/dev/null"]
            )
            #expect(output == "2 403\n2 403\n")
            #expect(await scene.events() == [.opened, .handshakeCompleted, .refused(.clientNotAllowed), .closed])
        }
    }

    @Test("is known when its session is resumed too", arguments: versions)
    func resumed(_ version: String) async throws {
        try await TLSScene.with(allowing: ["gateway.example"]) { scene in
            for (name, status) in [("gateway.example", "200 OK"), ("other.example", "403 Forbidden")] {
                let client = try await scene.make.issue(name, by: scene.authority, names: ["DNS:\(name)"])
                let session = "\(client.key).session"
                let options = [version, "-cert", client.certificate, "-key", client.key]
                _ = try await scene.connect(options + ["-sess_out", session])
                let result = try await scene.connect([version, "-sess_in", session])
                #expect(result.output.contains("Reused, TLSv1."))
                #expect(result.output.contains("HTTP/1.1 \(status)"))
            }
            #expect(await scene.events(ofConnections: 4).filter { $0 == .handshakeCompleted }.count == 4)
            #expect(scene.server.observer.identities == ["other.example", "other.example"])
        }
    }
}
