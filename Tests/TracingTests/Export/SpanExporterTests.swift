// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import HTTPService
import NIOHTTP1
import ServerClient
import TestSupport
import Testing

@testable import Tracing

@Suite("The exporter of spans")
struct SpanExporterTests {
    private static let service = TracedService(version: "1.2.3", instance: "d1")
    private static let taken = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"

    private let tracer = Tracer()
    private let events = Mailbox<ExportEvent>()
    private let pauses = Mailbox<Duration>()

    /// Notes spans.
    private func record(_ count: Int) {
        let recorder = tracer.recorder(of: TracedPort(isSecure: false, number: 8082))
        for number in 0..<count { recorder.exchangeEnded(.example(path: "/\(number).wasm")) }
        tracer.settle()
    }

    /// An exporter whose pauses take no time, and whose task is cancelled in the one that is too much.
    private func exporter(
        to endpoint: CollectorEndpoint,
        timeout: Duration = .seconds(300),
        mostPauses: Int = 0,
        meanwhile: @escaping @Sendable () -> Void = {}
    ) -> SpanExporter {
        let (events, pauses) = (events, pauses)
        return SpanExporter(
            tracer,
            to: endpoint,
            of: Self.service,
            timeout: timeout,
            pause: { time in
                guard pauses.all.count < mostPauses else { throw CancellationError() }
                pauses.put(time)
                meanwhile()
            },
            observe: events.put
        )
    }

    private func counts() -> [SpanOutcome: Int] {
        Dictionary(uniqueKeysWithValues: SpanOutcome.allCases.map { ($0, tracer.count($0)) }).filter { $0.value > 0 }
    }

    // OTLP specification, "OTLP/HTTP Request": POST, to the URL of traces, as application/json.
    @Test("posts all that there is, in batches of 512 at most")
    func batches() async throws {
        record(1030)
        try await FakeCollector.with(answering: { _ in .bytes(Self.taken) }) { collector in
            await exporter(to: try collector.endpoint).sendAll()
            let posted = collector.posted.all
            for one in posted {
                #expect(one.head.method == .POST && one.head.uri == "/base/v1/traces")
                #expect(one.head.headers["content-type"] == ["application/json"])
                #expect(one.head.headers["user-agent"] == ["wasm-server/1.2.3"])
            }
            #expect(try posted.map { try Self.spanIDs(in: $0).count } == [512, 512, 6])
        }
        #expect(counts() == [.exported: 1030])
        #expect(events.all == [.exported, .exported, .exported])
    }

    @Test("sends within seconds what comes while it runs, and at once when there is a batch, until it is cancelled")
    func run() async throws {
        try await FakeCollector.with(answering: { _ in .bytes(Self.taken) }) { collector in
            let exporter = exporter(to: try collector.endpoint)
            await withTaskGroup { group in
                group.addTask { await exporter.run() }
                record(512)
                await collector.posted.await(count: 1)
                record(1)
                await collector.posted.await(count: 2)
                group.cancelAll()
            }
            #expect(try collector.posted.all.map { try Self.spanIDs(in: $0).count } == [512, 1])
        }
    }

    // "OTLP/HTTP Response": 429, 502, 503 and 504 are retryable, other statuses are not.
    @Test("sends the same spans again to a collector that may take them later", arguments: [429, 502, 503, 504])
    func retry(_ status: Int) async throws {
        record(3)
        let busy = "HTTP/1.1 \(status) Busy\r\nContent-Length: 0\r\n\r\n"
        try await FakeCollector.with(answering: { $0 < 2 ? .bytes(busy) : .bytes(Self.taken) }) { collector in
            await exporter(to: try collector.endpoint, mostPauses: 2).sendAll()
            let sent = try collector.posted.all.map { try Self.spanIDs(in: $0) }
            #expect(sent.count == 3 && Set(sent).count == 1 && sent[0].count == 3)
        }
        #expect(counts() == [.exported: 3])
        let failure = ExportFailure.status(status, "is answered with \(status)")
        #expect(events.all == [.failed(failure), .failed(failure), .exported])
    }

    @Test("gives up what a collector never takes, so that what comes after it is sent")
    func poison() async throws {
        record(3)
        let busy = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
        try await FakeCollector.with(answering: { $0 < 12 ? .bytes(busy) : .bytes(Self.taken) }) { collector in
            let exporter = exporter(to: try collector.endpoint, mostPauses: 100)
            await exporter.sendAll()
            #expect(collector.posted.all.count == 12)
            record(2)
            await exporter.sendAll()
        }
        #expect(counts() == [.failed: 3, .exported: 2])
    }

    @Test(
        "lets a collector alone for as long as it says",
        arguments: [("7", 7), ("7200", 3600), ("99999999999999999999", 3600), ("Thu, 01 Jan 1970 00:00:00 GMT", 0)]
    )
    func retryAfter(_ field: String, _ seconds: Int) async throws {
        record(1)
        let busy = "HTTP/1.1 503 Busy\r\nRetry-After: \(field)\r\nContent-Length: 0\r\n\r\n"
        try await FakeCollector.with(answering: { $0 < 1 ? .bytes(busy) : .bytes(Self.taken) }) { collector in
            await exporter(to: try collector.endpoint, mostPauses: 1).sendAll()
        }
        let pause = try #require(pauses.all.first)
        #expect(seconds == 0 ? pause <= .seconds(1) : pause == .seconds(seconds))
    }

    @Test(
        "gives up what a collector does not take",
        arguments: [
            ("HTTP/1.1 400 Bad Request\r\n", 400), ("HTTP/1.1 404 Not Found\r\n", 404), ("HTTP/1.1 413 Large\r\n", 413),
            ("HTTP/1.1 500 No\r\n", 500), ("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n", 302),
            ("HTTP/1.1 401 Unauthorized\r\n", 401),
        ]
    )
    func refusal(_ head: String, _ status: Int) async throws {
        record(3)
        try await FakeCollector.with(answering: { _ in .bytes("\(head)Content-Length: 0\r\n\r\n") }) { collector in
            await exporter(to: try collector.endpoint).sendAll()
            #expect(collector.posted.all.count == 1)
        }
        #expect(counts() == [.failed: 3])
        #expect(events.all == [.failed(.status(status, "is answered with \(status)"))])
    }

    // "Partial Success": "the server MUST … set the value of the rejected_<signal>"; it is a string, as numbers of 64 bits are.
    @Test(
        "counts what a collector rejects of what it takes, and believes no nonsense",
        arguments: [
            (#"{"partialSuccess":{"rejectedSpans":"2","errorMessage":"why"}}"#, 2, .rejected(2, "why")),
            (#"{"partialSuccess":{"rejectedSpans":2}}"#, 2, .rejected(2, nil)),
            (#"{"partialSuccess":{"errorMessage":"a hint"}}"#, 0, .rejected(0, "a hint")),
            (#"{"partialSuccess":{"rejectedSpans":"99"}}"#, 3, .rejected(3, nil)),
            (#"{"partialSuccess":{"rejectedSpans":"-5"}}"#, 0, .exported),
            (#"{"partialSuccess":{"rejectedSpans":[1]}}"#, 0, .exported), (#"{"partialSuccess":{}}"#, 0, .exported),
            ("", 0, .exported), ("[[[[", 0, .exported), ("\u{0}\u{1}", 0, .exported),
        ] as [(String, Int, ExportEvent)]
    )
    func partialSuccess(_ content: String, _ rejected: Int, _ event: ExportEvent) async throws {
        record(3)
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: \(content.utf8.count)\r\n\r\n\(content)"
        try await FakeCollector.with(answering: { _ in .bytes(answer) }) { collector in
            await exporter(to: try collector.endpoint).sendAll()
        }
        let expected: [SpanOutcome: Int] = [.exported: 3 - rejected, .rejected: rejected]
        #expect(counts() == expected.filter { $0.value > 0 })
        #expect(events.all == [event])
    }

    @Test("takes no more of what a collector says than a line of the log has room for", arguments: [200, 400, 503])
    func words(_ status: Int) async throws {
        record(1)
        let long = String(repeating: "é", count: 5000)
        let content = #"{"detail":"\#(long)","partialSuccess":{"rejectedSpans":"1","errorMessage":"\#(long)"}}"#
        let answer = "HTTP/1.1 \(status) So\r\nContent-Length: \(content.utf8.count)\r\n\r\n\(content)"
        try await FakeCollector.with(answering: { _ in .bytes(answer) }) { collector in
            await exporter(to: try collector.endpoint).sendAll()
        }
        let words: String? =
            switch events.all.first {
            case .rejected(_, let words): words
            case .failed(.status(_, let words)): words
            default: nil
            }
        #expect(try #require(words).contains("éé"))
        #expect(try #require(words).utf8.count <= 256)
    }

    @Test(
        "gives no collector more than its time, and takes no more of it than is of use",
        arguments: [
            (.unfinished(""), .timedOut(afterConnecting: true)),
            (.unfinished("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{"), .timedOut(afterConnecting: true)),
            (.endless("HTTP/1.1 200 OK\r\n", then: "a: b\r\n"), .malformed),
            (.endless("HTTP/1.1 200 OK\r\n\r\n", then: "[[[["), .tooLong(limit: 65536)),
            (.endless("", then: "HTTP/1.1 103 Early Hints\r\n\r\n"), .timedOut(afterConnecting: true)),
            (.bytes(""), .unanswered), (.bytes("\u{15}\u{3}\u{3}"), .unanswered), (.bytes("SSH-2.0-x\r\n"), .malformed),
            (.bytes("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"), .cut),
        ] as [(FakeCollector.Answer, FetchError)]
    )
    func hostileCollector(_ answer: FakeCollector.Answer, _ error: FetchError) async throws {
        record(3)
        // A time that passes only where nothing else ends the answer.
        let isLate = error == .timedOut(afterConnecting: true)
        try await FakeCollector.with(answering: { _ in answer }) { collector in
            await exporter(to: try collector.endpoint, timeout: isLate ? .milliseconds(500) : .seconds(300)).sendAll()
        }
        let event = try #require(events.all.first)
        if isLate {
            // Which of two ends comes first, that of the exchange or that of all of it, is all one.
            #expect(
                [.failed(.unanswered(error)), .failed(.unanswered(.timedOut(afterConnecting: false)))].contains(event)
            )
        } else {
            #expect(event == .failed(.unanswered(error)))
        }
    }

    @Test("asks a collector again that is not there yet, while there is room for what comes meanwhile")
    func unreachable() async throws {
        record(100)
        // After the fourth pause there is no room left, so the batch is given up, and after each pause from then on another.
        let exporter = exporter(
            to: try CollectorEndpoint("http://127.0.0.1:1"),
            mostPauses: 6,
            meanwhile: { record(512) }
        )
        await exporter.sendAll()
        #expect(events.all == Array(repeating: .failed(.unanswered(.refused)), count: 7))
        #expect(tracer.count(.failed) == 100 + 2 * 512)
        #expect(tracer.waitingCount <= SpanQueue.capacity)
        let all = 100 + 6 * 512
        #expect(tracer.count(.dropped) + tracer.count(.failed) + tracer.waitingCount + 512 == all)
    }

    @Test("sends all that is left at the end, also what it was sending before")
    func flush() async throws {
        record(520)
        let busy = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
        try await FakeCollector.with(answering: { $0 < 1 ? .bytes(busy) : .bytes(Self.taken) }) { collector in
            let exporter = exporter(to: try collector.endpoint)
            await exporter.sendAll()
            await exporter.flush(within: .seconds(300))
            let sent = try collector.posted.all.map { try Self.spanIDs(in: $0) }
            #expect(sent.map(\.count) == [512, 512, 8] && sent[0] == sent[1])
        }
        #expect(counts() == [.exported: 520])
        #expect(!events.all.contains { if case .left = $0 { true } else { false } })
    }

    @Test(
        "waits for no collector at the end, and says how much is lost",
        arguments: [.unfinished(""), .bytes("HTTP/1.1 503 Busy\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n")]
            as [FakeCollector.Answer]
    )
    func lateFlush(_ answer: FakeCollector.Answer) async throws {
        record(520)
        try await FakeCollector.with(answering: { _ in answer }) { collector in
            // The collector would have five minutes for an answer.
            await exporter(to: try collector.endpoint).flush(within: .milliseconds(500))
        }
        #expect(events.all.last == .left(520))
        #expect(counts() == [:])
    }

    /// The ids of the spans in a request.
    private static func spanIDs(in posted: FakeCollector.Posted) throws -> [String] {
        struct Request: Decodable {
            struct Resource: Decodable { let scopeSpans: [Scope] }
            struct Scope: Decodable { let spans: [Span] }
            struct Span: Decodable { let spanId: String }
            let resourceSpans: [Resource]
        }
        let request = try JSONDecoder().decode(Request.self, from: Data(posted.content))
        return request.resourceSpans.flatMap(\.scopeSpans).flatMap(\.spans).map(\.spanId)
    }
}
