// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport
import Testing

@testable import HTTPTransport

/// What the system holds for clients counts as memory of the server's control group.
@Suite("What the system holds for clients that take nothing", .timeLimit(.minutes(5)))
struct SendBufferTests {
    @Test("is large for a few of them, and little for the others, over HTTP/1.1", arguments: [20])
    func bound(_ clientCount: Int) async throws {
        let module = WasmModule.ofSize(16 << 20)
        try await LiveServer.with(.of(["plugin.wasm": module])) { server in
            var downloads: [SlowDownload] = []
            for _ in 0..<clientCount { downloads.append(try await server.beginDownload("/plugin.wasm", over: .http1)) }
            let unsent = try Self.unsent(at: server.port)
            #expect(unsent.count == clientCount)
            // 64 KiB are allowed, and what is behind that when it is reached.
            #expect(unsent.count { $0 > 512 << 10 } <= 8, "\(unsent)")
            for download in downloads { #expect(try await download.finish() == module) }
        }
    }

    @Test("is divided so that what one gives back another gets")
    func budget() {
        let budget = SendBufferBudget()
        for _ in 0..<8 { #expect(budget.take()) }
        #expect(!budget.take())
        budget.giveBack()
        #expect(budget.take())
        #expect(!budget.take())
    }

    /// What the system has of the answers that clients of a port have not acknowledged, in bytes for each connection (proc(5), `tx_queue`
    /// in /proc/net/tcp).
    private static func unsent(at port: Int) throws -> [Int] {
        let established = "01"
        return try ["/proc/net/tcp", "/proc/net/tcp6"].flatMap { file in
            let table = try #require(try FileHandle(forReadingAtPath: file)?.readToEnd())
            return String(decoding: table, as: UTF8.self).split(separator: "\n").compactMap { line -> Int? in
                let words = line.split(separator: " ")
                guard words.count > 4, words[3] == established, let local = words[1].split(separator: ":").last,
                    Int(local, radix: 16) == port, let queue = words[4].split(separator: ":").first
                else { return nil }
                return Int(queue, radix: 16)
            }
        }
    }
}
