// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import TestSupport
import Testing

@testable import Siblings

@Suite("Adoption")
struct AdoptionTests {
    private static let modules = (1...3).map { WasmModule.ofSize(100, seed: $0) }

    private static func path(_ module: [UInt8]) -> String { "/sha256/\(Digest(of: module)).wasm" }

    /// A sibling that lists modules and gives those that it has an answer for, which by default are all.
    private static func sibling(
        listing modules: [[UInt8]] = modules,
        _ answer: @escaping @Sendable ([UInt8]) -> StandIn.Answer = { .content($0) }
    ) -> @Sendable (String) -> StandIn.Answer {
        { path in
            guard let module = Self.modules.first(where: { Self.path($0) == path }) else { return .list(modules) }
            return answer(module)
        }
    }

    private static func adopt(
        from siblings: [StandIn],
        into keeper: Keeper = Keeper(),
        within limit: Duration = .seconds(60)
    ) async throws -> AdoptionReport {
        let log = EventLog()
        let directory = SiblingDirectory(peers: try siblings.map { try $0.peer }, defaultPort: 1, observer: log)
        let client = SiblingClient(instance: "me", security: nil)
        let rollCall = RollCall(
            directory: directory,
            client: client,
            instance: "me",
            deadline: .seconds(60),
            observer: log
        )
        await Adoption(rollCall: rollCall, client: client, keeper: keeper, observer: log).adopt(within: limit)
        #expect(log.adoptions.count == 1)
        return try #require(log.adoptions.first)
    }

    @Test("of nobody is no error")
    func alone() async throws {
        #expect(try await Self.adopt(from: []) == AdoptionReport(heardAll: true))
    }

    @Test("fetches what is not here, from whoever has it, once")
    func everything() async throws {
        try await StandIn.with(answering: Self.sibling(listing: [Self.modules[0], Self.modules[1]])) { first in
            let second = Self.sibling(listing: [Self.modules[1], Self.modules[2]])
            try await StandIn.with(host: "127.0.0.2", answering: second) { second in
                let keeper = Keeper()
                try keeper.keep(.of(Self.modules[0]), from: "here", lastUsed: nil)
                let report = try await Self.adopt(from: [first, second], into: keeper)
                #expect(
                    report
                        == AdoptionReport(answeredCount: 2, heardAll: true, adoptedCount: 2, adoptedBytes: 200)
                )
                #expect(keeper.digests == Set(Self.modules.map { Digest(of: $0) }))
                #expect(first.requests(for: Self.path(Self.modules[0])).isEmpty)
                let shared = Self.path(Self.modules[1])
                #expect(first.requests(for: shared).count + second.requests(for: shared).count == 1)
            }
        }
    }

    @Test("prefers what siblings serve now to what they only keep, as far as there is room")
    func room() async throws {
        let list = Self.modules.enumerated().map { index, module in
            let state = index == 1 ? "current" : "kept"
            return
                #"{"verdict":"admitted","state":"\#(state)","sha256":"\#(Digest(of: module))","size":\#(module.count)}"#
        }
        let document = Array(#"{"modules":[\#(list.joined(separator: ","))]}"#.utf8)
        let sibling: @Sendable (String) -> StandIn.Answer = { path in
            path == "/modules" ? .content(document) : Self.sibling()(path)
        }
        try await StandIn.with(answering: sibling) { standIn in
            let keeper = Keeper(capacity: 150)
            let report = try await Self.adopt(from: [standIn], into: keeper)
            #expect(keeper.digests == [Digest(of: Self.modules[1])])
            #expect(report.adoptedCount == 1)
            #expect(report.leftOutCount == 2)
        }
    }

    @Test("goes on when one sibling fails")
    func failures() async throws {
        let bad = Self.sibling(listing: [Self.modules[0]]) { _ in .status("500 Oops") }
        try await StandIn.with(answering: bad) { bad in
            try await StandIn.with(host: "127.0.0.2", answering: { _ in .status("500 Oops") }) { silent in
                let good = Self.sibling(listing: [Self.modules[1]])
                try await StandIn.with(host: "127.0.0.3", answering: good) { good in
                    let report = try await Self.adopt(from: [bad, silent, good])
                    #expect(
                        report
                            == AdoptionReport(
                                answeredCount: 2,
                                adoptedCount: 1,
                                adoptedBytes: 100,
                                failedCount: 1
                            )
                    )
                }
            }
        }
    }

    @Test("gives up when its time is up, and hangs up")
    func time() async throws {
        try await StandIn.with(answering: Self.sibling { _ in .silence }) { standIn in
            let report = try await Self.adopt(from: [standIn], within: .milliseconds(500))
            #expect(report.ranOutOfTime)
            #expect(report.adoptedCount == 0)
            #expect(report.failedCount == 0)
            await standIn.awaitAllClosed()
        }
        try await StandIn.with(answering: { _ in .silence }) { standIn in
            let report = try await Self.adopt(from: [standIn], within: .milliseconds(100))
            #expect(report == AdoptionReport(ranOutOfTime: true))
            await standIn.awaitAllClosed()
        }
    }
}

extension SealedBlob {
    fileprivate static func of(_ bytes: [UInt8]) throws -> SealedBlob {
        var writer = try SealedBlobWriter()
        try writer.append(bytes.span)
        return try writer.seal()
    }
}
