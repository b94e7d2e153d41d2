// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import Foundation
import ModuleCatalog
import TestSupport
import Testing

/// Row 16 of the threats, at which nginx failed in its first round: what happens to a file during a download does not
/// happen to the download.
@Suite("A file that changes while it is downloaded")
struct TornFileTests {
    /// More than the sockets hold, so that every download is under way while its file changes.
    private static let old = WasmModule.ofSize(1 << 20, seed: 1)
    private static let new = WasmModule.ofSize(1 << 20, seed: 2)
    private static let rounds = 1000

    /// What can be done to a file.
    enum Change: CaseIterable {
        case overwriteInPlace
        case truncate
        case delete
        case swapByRename

        func apply(to file: String) throws {
            switch self {
            case .overwriteInPlace:
                let handle = try FileHandle(forWritingTo: URL(filePath: file))
                try handle.write(contentsOf: Data(TornFileTests.new))
                try handle.close()
            case .truncate:
                let handle = try FileHandle(forWritingTo: URL(filePath: file))
                try handle.truncate(atOffset: 100)
                try handle.close()
            case .delete:
                try FileManager.default.removeItem(atPath: file)
            case .swapByRename:
                try Data(TornFileTests.new).write(to: URL(filePath: "\(file).new"))
                _ = unsafe rename("\(file).new", file)
            }
        }
    }

    @Test("is received as it was announced, a thousand times", arguments: [WireProtocol.http1, .h2c])
    func rounds(_ wire: WireProtocol) async throws {
        try await TemporaryFolder.with { folder in
            let file = try folder.write(Self.old, to: "plugin.wasm")
            let snapshot = try Catalog(sources: [.path(file)], maximumModuleSize: 1 << 21).load()
            try await LiveServer.with(snapshot) { server in
                let announced = try await server.fetch(TestRequest("GET", "/plugin.wasm.sha256"), over: wire).text
                #expect(announced == "\(Digest(of: Self.old))\n")
                for round in 0..<Self.rounds {
                    try folder.write(Self.old, to: "plugin.wasm")
                    let download = try await server.beginDownload("/plugin.wasm", over: wire)
                    try Change.allCases[round % Change.allCases.count].apply(to: file)
                    let received = try await download.finish()
                    // The same bytes have the same digest, and comparing is faster than hashing.
                    try #require(received == Self.old, "round \(round)")
                }
            }
        }
    }
}
