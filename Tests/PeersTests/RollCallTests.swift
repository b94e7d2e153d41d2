// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import TestSupport
import Testing

@testable import Peers

@Suite("A roll call")
struct RollCallTests {
    @Test("lets no long documents that do not end crowd out a short one")
    func memory() async throws {
        let size = PeerList.maximumSize
        let large = [UInt8].answer("200 OK", ["content-length: \(size)"], Array(repeating: 32, count: size - 1))
        let module = WasmModule.ofSize(100)
        let asked = StandIn.Gate()
        let isHeard = StandIn.Gate()
        let unfinished: @Sendable (String) -> StandIn.Answer = { _ in .unfinishedUntil(large, isHeard) }
        let list = [UInt8].list([module])
        let short: @Sendable (String) -> StandIn.Answer = { _ in
            .later(.answer("200 OK", ["content-length: \(list.count)"], list), asked)
        }
        try await StandIn.with(answering: unfinished) { one in
            try await StandIn.with(answering: unfinished) { two in
                try await StandIn.with(answering: unfinished) { three in
                    try await StandIn.with(answering: unfinished) { four in
                        try await StandIn.with(answering: short) { good in
                            let log = EventLog { log in
                                if !log.listFailures.isEmpty { asked.open() }
                                if !log.listed.isEmpty { isHeard.open() }
                            }
                            let names = try [one, two, three, four, good].map { try $0.serverName }
                            let heard = Mailbox<Digest>()
                            let heardAll = await RollCall(
                                directory: PeerDirectory(names: names, defaultPort: 1, observer: log),
                                client: PeerClient(instance: "me", security: nil, stall: .seconds(60)),
                                instance: "me",
                                deadline: .seconds(60),
                                observer: log
                            )
                            .run { _, entries in
                                for entry in entries { heard.put(entry.digest) }
                            }
                            #expect(!heardAll)
                            #expect(heard.all == [Digest(of: module)])
                            // The fourth finds the 16 MiB taken, the others do not end by themselves.
                            let failures = log.listFailures
                            #expect(failures.count { $0 == .tooLarge } == 1)
                            #expect(failures.count { $0 == .cut } == 3)
                        }
                    }
                }
            }
        }
    }
}
