// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import TestSupport
import Testing

@Suite("An upgrade of three replicas, one after another", .serialized, .timeLimit(.minutes(2)))
struct UpgradeTests {
    @Test("and back again lets no gateway down that reads a digest here and fetches it there")
    func thereAndBack() async throws {
        // Six of the nine addresses are those of replicas to come.
        try await withFleet(of: 9) { fleet, folder in
            let one = try await ModuleFile(ofSize: 300_000, to: "1/plugin.wasm", in: folder)
            let two = try await ModuleFile(ofSize: 300_001, to: "2/plugin.wasm", in: folder)
            let delay = ["--drain-delay", "1s"]
            let endpoints = Endpoints()
            var replicas: [WasmServer] = []
            for number in 1...3 {
                replicas.append(try await fleet.start(number, serving: one.path, with: delay))
                endpoints.add(replicas[number - 1])
            }
            async let tally = Gateways(endpoints: endpoints, modules: [one, two])
                .run(over: [.http1, .h2c, .http1, .h2c])
            for (number, module) in zip(4...9, [two, two, two, one, one, one]) {
                let new = try await fleet.start(number, serving: module.path, with: delay)
                endpoints.add(new)
                replicas.append(new)
                let old = replicas.removeFirst()
                old.terminate()
                try await eventually("the old replica not to be ready") { try await old.isReady() ? nil : () }
                endpoints.remove(old)
                #expect(await old.exitCode() == 0)
            }
            endpoints.end()
            let result = await tally
            #expect(result.failures.isEmpty)
            #expect(result.fetches >= 300)
            #expect(Set(result.versions.keys) == [one.sha256, two.sha256])
        }
    }
}
