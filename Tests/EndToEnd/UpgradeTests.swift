// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import TestSupport
import Testing

@Suite("An upgrade of three replicas, one after another", .serialized, .timeLimit(.minutes(5)))
struct UpgradeTests {
    @Test("and back again lets no gateway down that reads a digest here and fetches it there")
    func thereAndBack() async throws {
        // Six of the nine addresses are those of replicas to come.
        try await withReplicas(of: 9) { group, folder in
            let one = try await ModuleFile(ofSize: 300_000, to: "1/plugin.wasm", in: folder)
            let two = try await ModuleFile(ofSize: 300_001, to: "2/plugin.wasm", in: folder)
            let endpoints = Endpoints()
            var replicas: [WasmServer] = []
            for number in 1...3 {
                replicas.append(try await group.start(number, serving: one.path, with: []))
                endpoints.add(replicas[number - 1])
            }
            async let tally = Gateways(endpoints: endpoints, modules: [one, two])
                .run(over: [.http1, .h2c, .http1, .h2c])
            for (numbers, module) in [(4...6, two), (7...9, one)] {
                let old = replicas
                replicas = []
                for (number, former) in zip(numbers, old) {
                    let new = try await group.start(number, serving: module.path, with: [])
                    endpoints.add(new)
                    replicas.append(new)
                    former.terminate()
                    try await eventually("the old replica not to be ready") { try await former.isReady() ? nil : () }
                    endpoints.remove(former)
                }
                // They go on for --drain-delay while the next one starts, as those of a Deployment do.
                for former in old { #expect(await former.exitCode() == 0) }
            }
            endpoints.end()
            let result = await tally
            #expect(result.failures.isEmpty)
            #expect(result.fetches >= 300)
            #expect(Set(result.versions.keys) == [one.sha256, two.sha256])
        }
    }
}
