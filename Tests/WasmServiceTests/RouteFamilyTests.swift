// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import HTTPSemantics
import HTTPService
import TestSupport
import Testing

@testable import ModuleCatalog
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

/// A family with modules by digest under names and errors of its own, as registries have them.
private struct BlobRoutes: RouteFamily {
    static let problem = Response(
        head: ResponseHead(.methodNotAllowed, [ResponseHead.Field("content-type", "application/json")]),
        body: .none
    )

    static func path(of digest: Digest) -> String { "/v2/blobs/sha256:\(digest)" }

    func routes(of snapshot: Snapshot, now: HTTPDate) -> [String: Route] {
        snapshot.modules.reduce(into: [:]) { routes, module in
            routes[Self.path(of: module.blob.digest)] = .representation(Self.representation(module.blob))
        }
    }

    func routes(ofKept module: KeptModule, now: HTTPDate) -> [String: Route] {
        [Self.path(of: module.blob.digest): .kept(Self.representation(module.blob), module)]
    }

    func rephrase(_ problem: Response, at path: String) -> Response? {
        path.hasPrefix("/v2/") ? Self.problem : nil
    }

    private static func representation(_ blob: SealedBlob) -> Representation {
        Representation(
            body: .blob(blob, 0..<blob.count),
            digest: blob.digest,
            mediaType: "application/octet-stream",
            caching: .immutable
        )
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
        var fields = RequestFields()
        if let languages {
            fields.add(name: "accept-language", value: languages, reading: FieldSelection(hasNegotiation: true))
        }
        let request = Request(method: .get, path: path, fields: fields)
        guard case .now(let response) = service.responder().respond(to: request, from: .example),
            case .bytes(let bytes) = response.body
        else {
            Issue.record("\(path) is prepared")
            return
        }
        #expect(response.head.status == .ok && bytes.array == Array(content.utf8))
        #expect(response.head["content-language"] == language)
        #expect(response.head["vary"] == language.map { _ in "accept-language" })
    }

    @Test("may have what is kept, as long as it is, and errors in a format of its own")
    func keeping() async throws {
        let (former, next) = (WasmModule.ofSize(5000, seed: 1), WasmModule.ofSize(6000, seed: 2))
        try await TemporaryFolder.with { folder in
            try folder.write(former, to: "plugin.wasm")
            let catalog = try LiveCatalog(
                Catalog(sources: [.path(folder.path)], maximumModuleSize: 1 << 20),
                keeping: RetentionPolicy(time: 3600, memory: 1 << 20, count: 1),
                now: { ClockReading(date: 1_795_000_000, uptime: 0) }
            )
            let service = WasmService(
                serving: catalog.snapshot,
                by: [BlobRoutes()] + WasmService.families(search: nil, now: Self.now),
                now: Self.now
            )
            let responder = service.responder()
            func status(_ method: HTTPSemantics.Method, _ path: String) -> Status? {
                let request = Request(method: method, path: path)
                guard case .now(let response) = responder.respond(to: request, from: .example) else {
                    return nil
                }
                return response.head.status
            }
            let path = BlobRoutes.path(of: Digest(of: former))
            #expect(status(.get, path) == .ok)
            try folder.write(next, to: "plugin.wasm")
            catalog.rescan(.request)
            service.serve(catalog.snapshot)
            #expect(status(.get, path) == .ok, "it is kept")
            #expect(status(.get, BlobRoutes.path(of: Digest(of: next))) == .ok)
            let kept = try #require(catalog.snapshot.kept.first)
            let snapshot = catalog.snapshot
            let dropped = [DroppedModule(module: kept, cause: .time)]
            service.keep(CatalogChange(from: snapshot, to: snapshot, dropped: dropped))
            #expect(status(.get, path) == .notFound, "it is not kept any more")
            service.keep(CatalogChange(from: snapshot, to: snapshot, adopted: [kept], dropped: []))
            #expect(status(.get, path) == .ok, "a peer has given it")
            let request = Request(method: .other("PUT"), path: "/v2/blobs/uploads/")
            guard case .now(let response) = responder.respond(to: request, from: .example) else { return }
            #expect(response.head["content-type"] == "application/json")
            #expect(status(.other("PUT"), "/plugin.wasm") == .methodNotAllowed)
        }
    }
}
