// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import Foundation
import HTTPSemantics
import HTTPService
import Logging
import ModuleCatalog
import Synchronization
import TestSupport
import Testing

@testable import Operations

@Suite("The log")
struct LogTests {
    @Test("is one JSON object a line, with numbers as numbers, whatever a client sends")
    func json() async throws {
        let hostile = "1.2.3.4\"}\n{\"level\":\"forged\"\u{1b}[31m\u{2028}"
        let lines = try await log(.json) { lines in
            var fields = RequestFields()
            fields.add(name: "x-forwarded-for", value: hostile)
            fields.add(name: "x-request-id", value: String(repeating: "x", count: 1000))
            fields.add(name: "user-agent", value: "Go-http-client/1.1")
            let exchange = Self.exchange(fields: fields, reason: "There is no module at this path.")
            AccessLog(lines: lines, listener: "data", isQuiet: false).exchangeEnded(exchange)
        }
        #expect(lines.count == 1)
        let line = try #require(lines.first)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(object["level"] as? String == "info")
        #expect(object["message"] as? String == "access")
        #expect(object["method"] as? String == "GET")
        #expect(object["path"] as? String == "/plugin.wasm")
        #expect(object["status"] as? Int == 404)
        #expect(object["bytes"] as? Int == 2)
        // In seconds, as Prometheus has them.
        #expect(object["duration"] as? Double == 0.0015)
        #expect(object["from_peer"] as? Bool == false)
        #expect(object["user_agent"] as? String == "Go-http-client/1.1")
        #expect(object["reason"] as? String == "There is no module at this path.")
        #expect(object["protocol"] as? String == "HTTP/2")
        #expect(object["client"] as? String == "192.0.2.1:5")
        #expect(object["forwarded_for"] as? String == hostile)
        #expect((object["request_id"] as? String)?.count == 256)
        #expect(object["traceparent"] == nil)
        let time = try #require(object["time"] as? String)
        #expect(time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
    }

    @Test("holds an excerpt of what a client sent, even if combining marks make one character of it")
    func excerpts() async throws {
        let lines = try await log(.json) { lines in
            let path = "/e" + String(repeating: "\u{301}", count: 5000)
            AccessLog(lines: lines, listener: "data", isQuiet: false).exchangeEnded(Self.exchange(path: path))
        }
        #expect(lines.count == 1)
        let line = try #require(lines.first)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect((object["path"] as? String)?.utf8.count == 256)
    }

    @Test("in text cannot be forged either")
    func text() async throws {
        let lines = try await log(.text) { lines in
            var fields = RequestFields()
            fields.add(name: "x-forwarded-for", value: "a\n00:00 info forged\u{1b}[31m\u{2028}")
            AccessLog(lines: lines, listener: "data", isQuiet: false).exchangeEnded(Self.exchange(fields: fields))
        }
        #expect(lines.count == 1)
        #expect(lines.first?.contains("\u{1b}") == false)
        #expect(lines.first?.contains("\u{2028}") == false)
    }

    // Unicode 16, chapter 23: what formats text and is not seen; UAX #9 §2 for what turns its direction.
    @Test("shows nothing that a terminal obeys, in either format", arguments: [LogFormat.json, .text])
    func terminal(_ format: LogFormat) async throws {
        let hostile = "\u{1b}[2J\u{7f}\u{85}\u{9b}31m\u{ad}\u{200e}\u{202e}\u{2066}\u{2028}\u{2029}\u{feff}\u{e0001}"
        let lines = try await log(format) { lines in
            var fields = RequestFields()
            fields.add(name: "x-forwarded-for", value: hostile)
            AccessLog(lines: lines, listener: "data", isQuiet: false).exchangeEnded(Self.exchange(fields: fields))
            lines.logger.warning("\(hostile)", metadata: ["key": .array(["\(hostile)"])])
        }
        #expect(lines.count == 2)
        let shown = lines.joined().unicodeScalars.filter {
            [.control, .format, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
        }
        #expect(shown.isEmpty, "\(shown.map { $0.escaped(asASCII: true) })")
        guard format == .json else { return }
        for line in lines {
            let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            #expect(object["forwarded_for"] as? String == hostile || object["message"] as? String == hostile)
        }
    }

    @Test("has module fetches and errors, and leaves small talk to debug")
    func levels() async throws {
        let lines = try await log(.json) { lines in
            let log = AccessLog(lines: lines, listener: "data", isQuiet: false)
            log.exchangeEnded(Self.exchange(status: .ok, path: "/health"))
            let module = RequestedResource.named("/fetched.wasm", [])
            log.exchangeEnded(Self.exchange(status: .ok, path: "/fetched.wasm.sha256", module: module.asDigest))
            log.exchangeEnded(Self.exchange(status: .ok, path: "/fetched.wasm", module: module))
            log.exchangeEnded(Self.exchange(status: .notFound, path: "/missing.wasm"))
            log.exchangeEnded(Self.exchange(status: .ok, path: "/cut.wasm", module: module, isComplete: false))
        }
        #expect(lines.count == 3)
        #expect(lines[0].contains("/fetched.wasm"))
        #expect(lines[0].contains(Digest(of: []).hexadecimal))
        #expect(lines[0].contains(#""by":"name""#))
        #expect(lines[1].contains("/missing.wasm"))
        #expect(lines[2].contains(#""level":"warning""#))
        #expect(lines[2].contains(#""outcome":"cut""#))
        #expect(!lines[2].contains(#""bytes""#))
    }

    @Test(
        "warns of what a gateway is denied, and not of a client's own mistakes",
        arguments: [
            (Status.forbidden, "warning"), (.serviceUnavailable, "warning"), (.httpVersionNotSupported, "warning"),
            (.badRequest, "info"), (.notFound, "info"), (.methodNotAllowed, "info"), (.requestTimeout, "info"),
        ]
    )
    func denials(_ status: Status, _ level: String) async throws {
        let lines = try await log(.json) { lines in
            AccessLog(lines: lines, listener: "data", isQuiet: false).exchangeEnded(Self.exchange(status: status))
        }
        #expect(lines.count == 1)
        #expect(lines.first?.contains("\"level\":\"\(level)\"") == true)
    }

    @Test("tells whether a peer asked, by the fields that are the server's own", arguments: [["its-own"], []])
    func peers(_ ownNames: [String]) async throws {
        let lines = try await log(.json) { lines in
            var fields = RequestFields()
            fields.add(name: "its-own", value: "5b2e29ef99a0cdac", reading: FieldSelection(own: ownNames))
            AccessLog(lines: lines, listener: "data", isQuiet: false).exchangeEnded(Self.exchange(fields: fields))
        }
        #expect(lines.first?.contains(#""from_peer":\#(!ownNames.isEmpty)"#) == true)
    }

    @Test("has the types of JSON: numbers, truth values, seconds, dates as RFC 3339 has them, lists and objects")
    func types() async throws {
        let metadata: Logger.Metadata = [
            "number": .stringConvertible(Int64.max), "unsigned": .stringConvertible(UInt16(8082)),
            "truth": .stringConvertible(false), "time": .stringConvertible(Duration.milliseconds(1250)),
            "whole": .stringConvertible(Duration.seconds(5)), "date": .date(1_795_487_497),
            "list": ["a", .stringConvertible(1)], "object": ["port": .stringConvertible(8082), "host": "::"],
            "infinite": .stringConvertible(Double.infinity),
        ]
        let json = try await log(.json) { $0.logger.info("types", metadata: metadata) }
        for member in [
            #""number":9223372036854775807"#, #""unsigned":8082"#, #""truth":false"#, #""time":1.25"#, #""whole":5}"#,
            #""date":"2026-11-24T02:31:37Z""#, #""list":["a",1]"#, #""object":{"host":"::","port":8082}"#,
            #""infinite":"inf""#,
        ] {
            #expect(json.first?.contains(member) == true, "\(member) is not in \(json)")
        }
        let text = try await log(.text) { $0.logger.info("types", metadata: metadata) }
        for member in ["time=1.25s", "object.host=:: object.port=8082", "list=a,1", "truth=false"] {
            #expect(text.first?.contains(" \(member)") == true, "\(member) is not in \(text)")
        }
    }

    @Test("is quiet about probes, whatever they are answered")
    func quiet() async throws {
        let lines = try await log(.json) { lines in
            let log = AccessLog(lines: lines, listener: "operations", isQuiet: true)
            log.exchangeEnded(Self.exchange(status: .serviceUnavailable, path: "/readyz"))
        }
        #expect(lines.isEmpty)
    }

    @Test("never makes anyone wait: a reader that stalls loses lines, and is told how many")
    func stalledReader() throws {
        let pipe = DrainedPipe()
        let sink = LogSink(descriptor: pipe.descriptor, format: .json)
        // Far more than a pipe and the sink hold together.
        let line = String(repeating: "x", count: 99) + "\n"
        for _ in 0..<30_000 { sink.write(Array(line.utf8), at: .info) }
        pipe.drain()
        // Until the reader has caught up there is no room; then a line gets through, and before it the word.
        let last = Data("\nlast\n".utf8)
        while pipe.received.range(of: last) == nil {
            sink.write(Array("last\n".utf8), at: .info)
            sink.flush()
        }
        let lines = try pipe.finish().split(separator: "\n")
        let words = lines.filter { $0.contains("log lines lost") }
        let lost = try words.map { word in
            let object = try JSONSerialization.jsonObject(with: Data(word.utf8)) as? [String: Any]
            return try #require(object?["lines"] as? Int)
        }
        #expect(!words.isEmpty)
        #expect(lost.allSatisfy { $0 > 0 })
        #expect(lines.count { $0.count == 99 } + lost.reduce(0, +) >= 30_000)
        #expect(lines.allSatisfy { $0.count == 99 || $0 == "last" || words.contains($0) })
    }

    @Test("counts the lines that a full disk does not take, and makes nobody wait for it")
    func fullDisk() throws {
        // full(4): every write to it fails with ENOSPC.
        let full = try #require(FileHandle(forWritingAtPath: "/dev/full"))
        let sink = LogSink(descriptor: full.fileDescriptor, format: .json)
        for number in 1...5 { sink.write(Array("line \(number)\n".utf8), at: .info) }
        sink.flush()
        #expect(sink.lostLines == 5)
    }

    @Test(
        "goes on in a line of its own where a disk that became full has taken a part of one",
        arguments: [0, 1, 10, 21, 22]
    )
    func tornLine(_ room: Int) throws {
        // A disk for so many bytes, which is emptied then.
        let disk = Mutex<(written: [UInt8], room: Int)>(([], room))
        let sink = LogSink(format: .json) { bytes in
            disk.withLock { disk in
                let taken = bytes.prefix(disk.room)
                disk.written += taken
                disk.room -= taken.count
                return taken.count
            }
        }
        let (first, last) = (#"{"message":"the first"}"#, #"{"message":"the last"}"#)
        sink.write(Array("\(first)\n".utf8), at: .info)
        sink.flush()
        disk.withLock { $0.room = .max }
        sink.write(Array("\(last)\n".utf8), at: .info)
        sink.flush()
        let text = String(decoding: disk.withLock { $0.written }, as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let torn = room > 0 ? [first.prefix(room)] : []
        #expect(lines.dropLast(3) == torn[...])
        #expect(lines.dropLast(2).last?.contains(#""message":"log lines lost""#) == true)
        #expect(lines.suffix(2) == [last[...], ""])
        #expect(sink.lostLines == 1)
    }

    private func log(_ format: LogFormat, _ body: (LineLogHandler) -> Void) async throws -> [String] {
        try await TemporaryFolder.with { folder in
            let file = try folder.write([], to: "log")
            let handle = try #require(FileHandle(forWritingAtPath: file))
            let sink = LogSink(descriptor: handle.fileDescriptor, format: format)
            body(LineLogHandler(level: .info, sink: sink))
            sink.flush()
            return try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").map(String.init)
        }
    }

    private static func exchange(
        status: Status = .notFound,
        path: String = "/plugin.wasm",
        fields: RequestFields = RequestFields(),
        module: RequestedResource? = nil,
        reason: String? = nil,
        isComplete: Bool = true
    ) -> Exchange {
        Exchange(
            request: RequestExcerpt(Request(method: .get, path: path, fields: fields)),
            response: Response(
                head: ResponseHead(status, []),
                body: .bytes(SharedBytes([1, 2])),
                resource: module,
                reason: reason
            ),
            version: .http2,
            client: .example,
            isComplete: isComplete,
            duration: .microseconds(1500)
        )
    }
}

extension LineLogHandler {
    fileprivate var logger: Logger { Logger(label: "test") { _ in self } }
}
