// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import Foundation
import HTTPSemantics
import HTTPService
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Operations

/// Whatever clients do, the log has few lines of it, and what matters more finds room.
@Suite("A log that clients fill")
struct LogFloodTests {
    @Test(
        "has ten warnings of a kind in any ten seconds, and how many there would have been; mistakes have a line each"
    )
    func warnings() async throws {
        let lines = try await log { log, clock in
            for _ in 0..<1000 { log.exchangeEnded(Self.exchange(.ok, isComplete: false)) }
            for _ in 0..<20 { log.exchangeEnded(Self.exchange(.notFound)) }
            for _ in 0..<12 { log.exchangeEnded(Self.exchange(.serviceUnavailable)) }
            for _ in 0..<11 { log.exchangeEnded(Self.exchange(.forbidden)) }
            log.settle()
            clock.advance(by: .seconds(10))
            log.exchangeEnded(Self.exchange(.forbidden))
            log.settle()
            for _ in 0..<12 { log.exchangeEnded(Self.exchange(.ok, isComplete: false)) }
            log.end()
            log.end()
        }
        let access = lines.filter { $0["message"] as? String == "access" }
        func count(_ status: Int) -> Int { access.count { $0["status"] as? Int == status } }
        #expect(count(200) == 20)
        #expect(count(404) == 20)
        #expect(count(503) == 10)
        #expect(count(403) == 11)
        let notices = lines.filter { $0["message"] as? String == "lines left out" }
        #expect(notices.allSatisfy { $0["event"] as? String == "access" && $0["level"] as? String == "warning" })
        let told = notices.map { "\($0["reason"] ?? ""): \($0["lines"] ?? "")" }
        #expect(told.sorted() == ["403: 1", "503: 2", "cut: 2", "cut: 990"])
    }

    @Test("spends what its copies share, of which each event loop has one")
    func copies() async throws {
        let lines = try await log { log, _ in
            let copies = [log, log]
            for copy in copies {
                for _ in 0..<10 { copy.exchangeEnded(Self.exchange(.forbidden)) }
            }
        }
        #expect(lines.count == 10)
    }

    @Test("has room for warnings though fetches have filled it, and for errors though warnings have")
    func reserve() throws {
        let pipe = DrainedPipe()
        let sink = LogSink(descriptor: pipe.descriptor, format: .json)
        // Nobody reads yet, so that there comes a time when a line of each level is lost.
        for level in [Logger.Level.info, .warning, .error] {
            let lost = sink.lostLines
            let line = Array((String(repeating: "x", count: 99) + "\n").utf8)
            sink.write(Array("first \(level)\n".utf8), at: level)
            while sink.lostLines == lost { sink.write(line, at: level) }
        }
        pipe.drain()
        sink.flush()
        let text = try pipe.finish()
        for level in [Logger.Level.info, .warning, .error] { #expect(text.contains("first \(level)\n")) }
    }

    private final class Clock: Sendable {
        private let instant = Mutex(ContinuousClock.now)
        var now: ContinuousClock.Instant { instant.withLock { $0 } }
        func advance(by duration: Duration) { instant.withLock { $0 += duration } }
    }

    private func log(_ body: (AccessLog, Clock) -> Void) async throws -> [[String: Any]] {
        try await TemporaryFolder.with { folder in
            let file = try folder.write([], to: "log")
            let handle = try #require(FileHandle(forWritingAtPath: file))
            let sink = LogSink(descriptor: handle.fileDescriptor, format: .json)
            let lines = LineLogHandler(level: .info, sink: sink)
            let clock = Clock()
            body(AccessLog(lines: lines, listener: "data", isQuiet: false, now: { clock.now }), clock)
            sink.flush()
            return try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").map {
                try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
            }
        }
    }

    private static func exchange(_ status: Status, isComplete: Bool = true) -> Exchange {
        Exchange(
            request: RequestExcerpt(Request(method: .get, path: "/plugin.wasm", fields: RequestFields())),
            response: Response(head: ResponseHead(status, []), body: .bytes(SharedBytes([1, 2]))),
            version: .http2,
            client: .example,
            isComplete: isComplete,
            duration: .milliseconds(1)
        )
    }
}
