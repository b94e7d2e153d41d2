// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport
import Testing

@Suite("A server of a mounted ConfigMap", .timeLimit(.minutes(5)))
struct MountedVolumeTests {
    @Test("never shows half of one generation and half of another, and ends with the last")
    func generations() async throws {
        try await TemporaryFolder.with { folder in
            let volume = try MountedVolume(in: folder, generation: 0)
            try await withWasmServer(serving: folder.path) { server in
                let last = 50
                async let readings = read(server, until: last)
                for generation in 1...last {
                    try volume.advance(to: generation)
                    server.send(SIGHUP)
                    // Most swaps follow at once; some wait until they are served.
                    guard generation.isMultiple(of: 10) else { continue }
                    _ = try await read(server, until: generation)
                }
                let seen = try await readings
                #expect(seen.allSatisfy { Set($0).count == 1 && $0.count == MountedVolume.names.count }, "\(seen)")
                let order = seen.compactMap(\.first)
                #expect(order == order.sorted())
                for name in MountedVolume.names {
                    let expected = MountedVolume.bytes(of: name, last)
                    let isSame = try await server.fetch(TestRequest("GET", "/\(name)")).content == expected
                    #expect(isSame)
                }
            }
        }
    }

    /// Reads the list of modules again and again, until a generation is served.
    ///
    /// - Returns: Of each list, which generations its current modules belong to.
    private func read(_ server: WasmServer, until generation: Int) async throws -> [[Int]] {
        var readings: [[Int]] = []
        try await eventually("generation \(generation) to be served") {
            let current = try await server.modules().modules("current")
            readings.append(current.compactMap(\.size).map(MountedVolume.generation))
            return readings.last?.contains(generation) == true ? () : nil
        }
        return readings
    }
}
