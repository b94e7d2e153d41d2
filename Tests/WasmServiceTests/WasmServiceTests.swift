// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import Foundation
import HTTPSemantics
import HTTPService
import ModuleCatalog
import TestSupport
import Testing
import WasmService

@Suite("The service")
struct WasmServiceTests {
    @Test("lists what is served and what is rejected")
    func modules() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(WasmModule.plugin, to: "ai-proxy/1.0.0/plugin.wasm")
            let bad = try folder.write(Array("<html>".utf8), to: "bad.wasm")
            let response = try answer(of: folder.path, to: Request(method: .get, path: "/modules"))
            #expect(response.head.status == .ok)
            #expect(response.head["content-type"] == "application/json")
            let document = try #require(
                try JSONSerialization.jsonObject(with: Data(content(of: response))) as? [String: Any]
            )
            let modules = try #require(document["modules"] as? [[String: Any]])
            #expect(modules.count == 2)
            let digest = Digest(of: WasmModule.plugin)
            #expect(modules[0]["verdict"] as? String == "admitted")
            #expect(modules[0]["name"] as? String == "ai-proxy")
            #expect(modules[0]["version"] as? String == "1.0.0")
            #expect(modules[0]["path"] as? String == "/ai-proxy/1.0.0/plugin.wasm")
            #expect(modules[0]["sha256"] as? String == digest.hexadecimal)
            #expect(modules[0]["digestPath"] as? String == "/sha256/\(digest).wasm")
            #expect(modules[0]["size"] as? Int == WasmModule.plugin.count)
            #expect((modules[0]["facts"] as? [String: Any])?["abi"] as? String == "0.2.1")
            #expect((modules[0]["hosts"] as? [String: [String: String]])?["envoy-1.36"] == ["verdict": "admitted"])
            #expect(modules[0]["state"] as? String == "current")
            #expect(modules[0]["lastFetched"] == nil)
            #expect(modules[1]["verdict"] as? String == "rejected")
            #expect(modules[1]["state"] as? String == "rejected")
            #expect(modules[1]["path"] as? String == "/bad.wasm")
            #expect(modules[1]["source"] as? String == bad)
            #expect((modules[1]["reason"] as? String)?.contains("HTML") == true)
        }
    }

    @Test(
        "answers 503 for a rejected module, because a proxy asks again after it and not after a 404",
        arguments: ["/bad.wasm", "/bad.wasm.sha256"]
    )
    func rejected(_ path: String) async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(WasmModule.plugin, to: "good.wasm")
            try folder.write(Array("<html>".utf8), to: "bad.wasm")
            let response = try answer(of: folder.path, to: Request(method: .get, path: path))
            #expect(response.head.status == .serviceUnavailable)
            #expect(response.head["retry-after"] == "1")
            #expect(String(decoding: content(of: response), as: UTF8.self).contains("HTML"))
        }
    }

    @Test(
        "takes a path as its bytes, whatever Unicode holds to be equivalent",
        arguments: [("/caf%C3%A9.wasm", Status.ok), ("/cafe%CC%81.wasm", .notFound)]
    )
    func equivalence(_ path: String, _ status: Status) async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(WasmModule.plugin, to: "caf\u{e9}.wasm")
            let response = try answer(of: folder.path, to: Request(method: .get, path: path))
            #expect(response.head.status == status)
        }
    }

    @Test("keeps the dates of reproducible builds to itself, and those to come", arguments: [0, 1, 1_900_000_000])
    func meaninglessDates(_ modified: Int) async throws {
        try await TemporaryFolder.with { folder in
            let file = try folder.write(WasmModule.plugin, to: "a.wasm")
            let date = Date(timeIntervalSince1970: Double(modified))
            try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: file)
            let path = "/sha256/\(Digest(of: WasmModule.plugin)).wasm"
            let response = try answer(of: folder.path, to: Request(method: .get, path: path))
            #expect(response.head.status == .ok)
            #expect(response.head["last-modified"] == nil)
        }
    }

    @Test("links from a digest to the URL where those very bytes are")
    func link() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(WasmModule.plugin, to: "a.wasm")
            let digest = Digest(of: WasmModule.plugin)
            let response = try answer(of: folder.path, to: Request(method: .get, path: "/a.wasm.sha256"))
            #expect(content(of: response) == Array("\(digest)\n".utf8))
            // RFC 8288 §3, RFC 6892.
            #expect(response.head["link"] == "</sha256/\(digest).wasm>; rel=\"describes\"")
        }
    }

    @Test("names where there is configuration for gateways, of each current module, and answers it")
    func configurations() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(WasmModule.plugin, to: "ai proxy/1.0.0/plugin.wasm")
            try folder.write(Array("<html>".utf8), to: "bad.wasm")
            let list = try answer(of: folder.path, to: Request(method: .get, path: "/modules"))
            let document = try #require(
                try JSONSerialization.jsonObject(with: Data(content(of: list))) as? [String: Any]
            )
            let modules = try #require(document["modules"] as? [[String: Any]])
            // A template with one variable (RFC 6570 §3.2.2).
            let template = try #require(modules[0]["configuration"] as? String)
            #expect(modules[1]["configuration"] == nil)
            let gateways = try #require(document["gateways"] as? [String])
            #expect(gateways.contains("envoy-gateway"))
            for gateway in gateways {
                var fields = RequestFields()
                fields.add(authority: "[::1]")
                let path = template.replacingOccurrences(of: "{gateway}", with: gateway)
                let response = try answer(of: folder.path, to: Request(method: .get, path: path, fields: fields))
                #expect(response.head.status == .ok)
                let text = String(decoding: content(of: response), as: UTF8.self)
                #expect(text.contains("http://[::1]:80/sha256/\(Digest(of: WasmModule.plugin)).wasm"))
            }
        }
    }

    @Test(
        "tells why there is no configuration",
        arguments: [
            ("/modules/plugin.wasm/nginx.yaml", "a:1", Status.notFound, "envoy-filter"),
            ("/modules/plugni.wasm/envoy.yaml", "a:1", .notFound, "/modules"),
            ("/modules/bad.wasm/envoy.yaml", "a:1", .notFound, "/modules"),
            ("/modules/plugin.wasm.sha256/envoy.yaml", "a:1", .notFound, "/modules"),
            ("/modules/plugin.wasm/envoy.yaml", nil, .badRequest, "Host"),
            ("/modules/plugin.wasm/envoy.yaml", "a=b", .badRequest, "Host"),
            ("/modules/plugin.wasm/envoy.yaml", "a:0", .badRequest, "Host"),
            ("/modules/plugin.wasm/envoy.yaml", "a:99999", .badRequest, "Host"),
            ("/modules/plugin.wasm/envoy.yaml", "[::1", .badRequest, "Host"),
            ("/modules/plugin.wasm/envoy.yaml", "[a]", .badRequest, "Host"),
            ("/modules/plugin.wasm/envoy.yaml", "", .badRequest, "Host"),
        ] as [(String, String?, Status, String)]
    )
    func noConfiguration(_ path: String, _ host: String?, _ status: Status, _ word: String) async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(WasmModule.plugin, to: "plugin.wasm")
            try folder.write(Array("<html>".utf8), to: "bad.wasm")
            var fields = RequestFields()
            if let host { fields.add(authority: host) }
            let response = try answer(of: folder.path, to: Request(method: .get, path: path, fields: fields))
            #expect(response.head.status == status)
            #expect(String(decoding: content(of: response), as: UTF8.self).contains(word))
        }
    }

    @Test(
        "says of a path that leads nowhere how it is spelled, or which port answers it, and repeats none of it",
        arguments: [
            ("/sha256/NONSENSE.wasm", "64 lowercase hexadecimal digits: GET /sha256/<digest>.wasm"),
            ("/sha256/NONSENSE", "64 lowercase hexadecimal digits"),
            ("/sha256/\(String(repeating: "A", count: 64)).wasm", "64 lowercase hexadecimal digits"),
            ("/sha256/\(Digest(of: [])).wasm", "does not have this digest, and has no peers"),
            ("/modules/NONSENSE.wasm", "/modules/<path>.wasm/<gateway>.yaml, where the gateway is one of envoy, "),
            ("/readyz", "the operations port, 9082 by default"), ("/livez", "the operations port"),
            ("/startupz", "the operations port"), ("/metrics", "the operations port"),
        ]
    )
    func advice(_ path: String, _ words: String) async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(WasmModule.plugin, to: "plugin.wasm")
            let response = try answer(of: folder.path, to: Request(method: .get, path: path))
            #expect(response.head.status == .notFound)
            let text = String(decoding: content(of: response), as: UTF8.self)
            #expect(text.contains(words), "\(text)")
            #expect(!text.contains("NONSENSE"))
        }
    }

    private func answer(of path: String, to request: Request) throws -> Response {
        let snapshot = try Catalog(sources: [.path(path)], maximumModuleSize: 1 << 20).load()
        let service = WasmService(serving: snapshot, now: { HTTPDate(seconds: 1_795_000_000) })
        guard case .now(let response) = service.responder().respond(to: request, from: .example) else {
            throw Unanswered()
        }
        return response
    }

    private struct Unanswered: Error {}

    private func content(of response: Response) -> [UInt8] {
        guard case .bytes(let bytes) = response.body else { return [] }
        return bytes.array
    }
}
