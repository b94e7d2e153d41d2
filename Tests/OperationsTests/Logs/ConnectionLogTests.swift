// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import HTTPSemantics
import HTTPService
import Logging
import Operations
import Synchronization
import TestSupport
import Testing

@Suite("The log of connections")
struct ConnectionLogTests {
    @Test("has who was cut or turned away, and why, and says nothing of what is usual")
    func events() async throws {
        let lines = try await log { log, _ in
            for event in ConnectionMetricsTests.everything {
                log.connectionChanged(event, .init(client: .example, identity: "spiffe://a/b"))
            }
        }
        #expect(lines.count == ConnectionMetricsTests.everything.count - 3)
        let cut = try #require(lines.first { $0["reason"] as? String == "head_timeout" })
        #expect(cut["message"] as? String == "connection cut")
        #expect(cut["level"] as? String == "info")
        #expect(cut["listener"] as? String == "tls")
        #expect(cut["client"] as? String == "192.0.2.1:5")
        #expect(cut["identity"] as? String == "spiffe://a/b")
        let paused = try #require(lines.first { $0["reason"] as? String == "connection_limit" })
        #expect(paused["level"] as? String == "warning")
        // Who is denied something is looked for; who goes away is not.
        for (reason, level) in [
            ("client_not_allowed", "warning"), ("address_limit", "warning"), ("missing_certificate", "warning"),
            ("abandoned", "info"), ("not_tls", "info"),
        ] {
            #expect(lines.first { $0["reason"] as? String == reason }?["level"] as? String == level, "\(reason)")
        }
    }

    @Test("cannot be flooded: ten lines for a reason in any ten seconds, and how many there would have been")
    func flood() async throws {
        let lines = try await log { log, clock in
            // Ten lines spread over five seconds, then a flood.
            for _ in 0..<10 {
                log.connectionChanged(.closedByServer(.flood), .init())
                clock.advance(by: .milliseconds(500))
            }
            for _ in 0..<1000 { log.connectionChanged(.closedByServer(.flood), .init()) }
            // Another reason has lines of its own.
            log.connectionChanged(.closedByServer(.overload), .init())
            clock.advance(by: .milliseconds(4999))
            log.connectionChanged(.closedByServer(.flood), .init())
            // Ten seconds after the first one, there is room for one.
            clock.advance(by: .milliseconds(1))
            log.connectionChanged(.closedByServer(.flood), .init(client: .example))
            log.connectionChanged(.closedByServer(.flood), .init())
            clock.advance(by: .seconds(10))
            log.connectionChanged(
                .closedByServer(.flood),
                .init(client: ClientAddress(ClientAddress.example.host, port: 6))
            )
        }
        let messages = lines.map { "\($0["message"] ?? "") \($0["reason"] ?? "")" }
        let expected =
            [String](repeating: "connection cut flood", count: 10) + ["connection cut overload"]
            + ["lines left out flood", "connection cut flood"]
            + ["lines left out flood", "connection cut flood"]
        #expect(messages == expected)
        let notices = lines.filter { $0["message"] as? String == "lines left out" }
        #expect(notices.map { $0["lines"] as? Int } == [1001, 1])
        #expect(notices.first?["event"] as? String == "connection cut")
    }

    @Test("tells what was left out though nothing comes after a burst, once there is room, and at the end")
    func endOfBurst() async throws {
        let lines = try await log { log, clock in
            for _ in 0..<25 { log.connectionChanged(.closedByServer(.flood), .init()) }
            log.connectionChanged(.closedByServer(.overload), .init())
            log.settle()
            clock.advance(by: .seconds(10))
            log.settle()
            log.settle()
            for _ in 0..<12 { log.connectionChanged(.closedByServer(.flood), .init()) }
            log.end()
            log.end()
        }
        let notices = lines.filter { $0["message"] as? String == "lines left out" }
        #expect(notices.map { $0["lines"] as? Int } == [15, 2])
        #expect(notices.allSatisfy { $0["reason"] as? String == "flood" && $0["listener"] as? String == "tls" })
        #expect(lines.count == 23)
        #expect(lines.last?["message"] as? String == "lines left out")
    }

    @Test("holds 256 bytes of each text of a client, of whole letters, even if combining marks make one of them")
    func excerpts() async throws {
        let texts = ["a" + String(repeating: "\u{301}", count: 6000), String(repeating: "\u{1f600}", count: 6000)]
        let lines = try await log { log, _ in
            for text in texts {
                log.connectionChanged(
                    .closedByServer(.flood),
                    .init(identity: text, subject: text, issuer: text, detail: text)
                )
            }
        }
        #expect(lines.count == 2)
        for (line, text) in zip(lines, texts) {
            for name in ["identity", "subject", "issuer", "detail"] {
                let excerpt = try #require(line[name] as? String)
                #expect((253...256).contains(excerpt.utf8.count))
                #expect(text.utf8.starts(with: excerpt.utf8))
            }
        }
    }

    private final class TestClock: Sendable {
        private let instant = Mutex(ContinuousClock.now)
        var now: ContinuousClock.Instant { instant.withLock { $0 } }
        func advance(by duration: Duration) { instant.withLock { $0 += duration } }
    }

    private func log(_ body: (ConnectionLog, TestClock) -> Void) async throws -> [[String: Any]] {
        try await TemporaryFolder.with { folder in
            let file = try folder.write([], to: "log")
            let handle = try #require(FileHandle(forWritingAtPath: file))
            let sink = LogSink(descriptor: handle.fileDescriptor, format: .json)
            let logger = Logger(label: "test") { _ in LineLogHandler(level: .info, sink: sink) }
            let clock = TestClock()
            body(ConnectionLog(logger: logger, listener: "tls", now: { clock.now }), clock)
            sink.flush()
            return try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").map {
                try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
            }
        }
    }
}
