// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport
import Testing

@testable import HTTPTransport

/// What the system holds for clients counts as memory of the server's control group.
@Suite("What the system holds for clients that take nothing", .timeLimit(.minutes(5)))
struct SendBufferTests {
    @Test("is large for a few of them in the clear, and little for the others", arguments: WireProtocol.allCases)
    func bound(over wire: WireProtocol) async throws {
        let (module, clientCount) = (WasmModule.ofSize(8 << 20), 12)
        try await LiveServer.with(.of(["plugin.wasm": module])) { server in
            var downloads: [SlowDownload] = []
            for _ in 0..<clientCount { downloads.append(try await server.beginDownload("/plugin.wasm", over: wire)) }
            let held = try await Self.held(at: server.port(for: wire), for: clientCount)
            // 64 KiB are allowed, and what is put behind them when they are not quite reached.
            #expect(held.count { $0 > 128 << 10 } <= (wire.isEncrypted ? 0 : 8), "\(held)")
            for download in downloads { #expect(try await download.finish() == module) }
        }
    }

    @Test("is a buffer of 256 KiB, which Linux doubles, for a client that is sent one module behind another")
    func boundBehindAnother() async throws {
        let (first, second) = (WasmModule.ofSize(128 << 10), WasmModule.ofSize(8 << 20))
        try await LiveServer.with(.of(["first.wasm": first, "second.wasm": second])) { server in
            let client = try await server.connect(over: .http1, stalling: true)
            try await client.send("GET /first.wasm HTTP/1.1\r\nHost: a\r\n\r\n")
            try await client.send("GET /second.wasm HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            try await client.awaitFirstBytes()
            let held = try await Self.held(at: server.port, for: 1)
            #expect(held.allSatisfy { $0 <= 512 << 10 }, "\(held)")
            try await client.resume()
            #expect(try await client.everything().suffix(second.count).elementsEqual(second))
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

    /// What the system holds of the answers that clients of a port have not acknowledged, in bytes for each connection, once so many
    /// have some and it grows no more.
    private static func held(at port: Int, for clientCount: Int) async throws -> [Int] {
        var former: [Int] = []
        while true {
            let held = try unacknowledged(at: port)
            if held == former, held.count(where: { $0 > 0 }) == clientCount { return held }
            former = held
            // Nothing tells when the system takes no more.
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// What it holds now (proc(5), `tx_queue` in /proc/net/tcp).
    private static func unacknowledged(at port: Int) throws -> [Int] {
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
