// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import HTTPSemantics
import HTTPService
import ModuleCatalog
import NIOCore
import ServerInterface
import Synchronization
import TestSupport
import Testing
import WasmService

@Suite("A module that is kept by its digest")
struct KeptModuleTests {
    /// Peers who have nothing.
    private struct NoSearch: DigestSearch {
        func wasAsked(by _: String, as _: String) {}

        func search(
            for digest: Digest,
            from client: String,
            holding byteCount: Int,
            completion: @escaping @Sendable (SearchOutcome) -> Void
        ) {
            completion(.unknown)
        }
    }

    private static let former = WasmModule.ofSize(5000, seed: 1)

    @Test(
        "is in use when a gateway fetches it, and not when a peer does, on behalf of others or to have it too",
        arguments: [(nil, true), ("5b2e29ef99a0cdac", false)] as [(String?, Bool)]
    )
    func use(by peer: String?, _ counts: Bool) async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(Self.former, to: "plugin.wasm")
            // The system has been up for longer than that.
            let catalog = try LiveCatalog(
                Catalog(sources: [.path(folder.path)], maximumModuleSize: 1 << 20),
                keeping: RetentionPolicy(time: 3600, memory: 1 << 20, count: 10),
                now: { ClockReading(date: 1_795_000_000, uptime: 0) }
            )
            try folder.write(WasmModule.ofSize(6000, seed: 2), to: "plugin.wasm")
            catalog.rescan(.request)
            let kept = try #require(catalog.snapshot.kept.first)
            let service = WasmService(
                serving: catalog.snapshot,
                search: NoSearch(),
                now: { HTTPDate(seconds: 1_795_000_000) }
            )
            var fields = RequestFields()
            if let peer {
                fields.add(name: PeerField.name, value: peer, reading: FieldSelection(own: PeerField.names))
            }
            let path = "/sha256/\(Digest(of: Self.former)).wasm"
            let request = Request(method: .get, path: path, fields: fields)
            guard case .now(let response) = service.responder().respond(to: request, from: .example) else {
                Issue.record("what is here is answered at once")
                return
            }
            #expect(response.head.status == .ok)
            let start = ClockReading(date: 0, uptime: 0)
            #expect((kept.lastUsed(as: start) > 0) == counts)
        }
    }

    @Test("that a peer gives is served at once, the list is rendered for whoever asks next, and nothing else is")
    func adoption() async throws {
        try await TemporaryFolder.with { folder in
            try folder.write(Self.former, to: "plugin.wasm")
            let elapsed = Mutex<Int64>(0)
            let catalog = try LiveCatalog(
                Catalog(sources: [.path(folder.path)], maximumModuleSize: 1 << 20),
                keeping: RetentionPolicy(time: 3600, memory: 1 << 20, count: 10),
                now: { ClockReading(date: 1_795_000_000, uptime: ClockReading.now.uptime + elapsed.withLock(\.self)) }
            )
            let service = WasmService(serving: catalog.snapshot, now: { HTTPDate(seconds: 1_795_000_000) })
            let responder = service.responder()
            let areOfKeptOnly = Mutex<[Bool]>([])
            _ = catalog.observe { change in
                areOfKeptOnly.withLock { $0.append(change.isOfKeptOnly) }
                if change.isOfKeptOnly { service.keep(change) } else { service.serve(change.snapshot) }
            }
            let given = try SealedBlob.of(WasmModule.ofSize(7000, seed: 3))
            try catalog.keep(given, from: "peer", for: .announced, lastUsed: nil)
            #expect(Self.status(of: given.digest, responder) == .ok)
            let list = try #require(await Self.list(responder))
            #expect(list.contains(given.digest.hexadecimal))
            elapsed.withLock { $0 = 3601 }
            catalog.rescan(.poll)
            #expect(Self.status(of: given.digest, responder) == .notFound)
            #expect(areOfKeptOnly.withLock(\.self) == [true, true])
            try folder.write(WasmModule.ofSize(6000, seed: 2), to: "plugin.wasm")
            catalog.rescan(.request)
            #expect(areOfKeptOnly.withLock { $0.last } == false)
            #expect(Self.status(of: Digest(of: WasmModule.ofSize(6000, seed: 2)), responder) == .ok)
        }
    }

    private static func status(of digest: Digest, _ responder: WasmResponder) -> Status? {
        let request = Request(method: .get, path: "/sha256/\(digest).wasm")
        guard case .now(let response) = responder.respond(to: request, from: .example) else { return nil }
        return response.head.status
    }

    /// The list, which is promised at first, and is there at once when it is asked for again.
    private static func list(_ responder: WasmResponder) async -> String? {
        let request = Request(method: .get, path: "/modules")
        guard case .later(let promise) = responder.respond(to: request, from: .example) else { return nil }
        let promised = await withCheckedContinuation { continuation in
            promise.whenDelivered { continuation.resume(returning: $0) }
        }
        guard case .now(let again) = responder.respond(to: request, from: .example),
            promised.head["etag"] == again.head["etag"], case .bytes(let bytes) = promised.body
        else { return nil }
        return String(buffer: bytes.buffer)
    }
}
