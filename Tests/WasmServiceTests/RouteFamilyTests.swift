// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import HTTPSemantics
import HTTPService
import ModuleCatalog
import TestSupport
import Testing

@testable import WasmService

/// A family that is not served: what it takes to add one, and to have what it answers in several forms.
private struct GreetingRoutes: RouteFamily {
    func routes(of snapshot: Snapshot, now: HTTPDate) -> [String: Route] {
        let variants = [("Hello", "en"), ("Hallo", "de")].map { text, language in
            Variant(
                body: .bytes(SharedBytes(Array(text.utf8))),
                digest: Digest(of: Array(text.utf8)),
                mediaType: "text/plain",
                contentLanguage: language
            )
        }
        return ["/greeting": .representation(Representation(variants[0], or: [variants[1]], caching: .revalidate))]
    }
}

@Suite("A family of paths")
struct RouteFamilyTests {
    private static let now: @Sendable () -> HTTPDate = { HTTPDate(seconds: 1_795_000_000) }

    @Test(
        "is one type and its place in a list: it is answered beside the others, in the form that a client prefers",
        arguments: [
            ("/greeting", nil, "Hello", "en"), ("/greeting", "de-AT, en;q=0.5", "Hallo", "de"),
            ("/greeting", "fr", "Hello", "en"), ("/health", "de", #"{"status":"Healthy"}"#, nil),
        ] as [(String, String?, String, String?)]
    )
    func added(_ path: String, _ languages: String?, _ content: String, _ language: String?) throws {
        let snapshot = try Catalog(sources: [], maximumModuleSize: 1).load()
        let service = WasmService(
            serving: snapshot,
            by: [GreetingRoutes()] + WasmService.families(search: nil, now: Self.now),
            now: Self.now
        )
        var request = Request(method: .get, path: path)
        if let languages { request.fields.add(name: "accept-language", value: languages) }
        guard case .now(let response) = service.responder().respond(to: request, from: "192.0.2.1:4711"),
            case .bytes(let bytes) = response.body
        else {
            Issue.record("\(path) is prepared")
            return
        }
        #expect(response.head.status == .ok && bytes.array == Array(content.utf8))
        #expect(response.head["content-language"] == language)
        #expect(response.head["vary"] == language.map { _ in "accept-language" })
    }
}
