// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import Logging
import Operations
import TestSupport
import Testing

@testable import wasm_server

@Suite("The first line of the log")
struct StartReportTests {
    @Test("has the version, every setting with the types of JSON, and where it was given if it was")
    func json() async throws {
        let line = try await line(
            try await settings(
                flags: [.port: "18082", .tlsClientCA: "/ca.pem"],
                environment: [
                    "WASM_SERVER_RETAIN": "90m", "WASM_SERVER_TLS_CERTIFICATE": "/tls.crt",
                    "WASM_SERVER_TLS_KEY": "/tls.key",
                ],
                file: """
                    max-connections: 64
                    tls-allowed-client: [a.example, spiffe://a/b]
                    peers: [wasm-server-peers:8443]
                    """,
                arguments: ["/a.wasm", "/b"]
            )
        )
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(object["message"] as? String == "starting")
        #expect(object["version"] as? String == Version.current)
        #expect(object["revision"] as? String == Version.revision)
        let settings = try #require(object["settings"] as? [String: Any])
        #expect(settings["sources"] as? [String] == ["/a.wasm", "/b"])
        #expect(settings["port"] as? Int == 18082)
        #expect(settings["operations-port"] as? Int == 9082)
        #expect(settings["retain"] as? Double == 5400)
        #expect(settings["retain-memory"] as? Int == 268_435_456)
        #expect(settings["max-connections"] as? Int == 64)
        #expect(settings["tls-key"] as? String == "/tls.key")
        #expect(settings["tls-allowed-client"] as? [String] == ["a.example", "spiffe://a/b"])
        #expect(settings["peers"] as? [String] == ["wasm-server-peers:8443"])
        #expect(settings["log-format"] as? String == "json")
        #expect(settings["tls-peers-ca"] == nil)
        let given = try #require(object["given"] as? [String: String])
        #expect(given["port"] == "--port")
        #expect(given["sources"] == "arguments")
        #expect(given["retain"] == "WASM_SERVER_RETAIN")
        #expect(given["max-connections"]?.hasSuffix("config.yaml, line 1: 'max-connections'") == true)
        #expect(given["operations-port"] == nil)
    }

    @Test("names Kuadrant's variable, and not what arguments outdo")
    func sources() async throws {
        let kuadrant = try await settings(environment: ["WASM_SERVER_FILE_PATH": "/shim"], file: "sources: [/a.wasm]\n")
        #expect(kuadrant.places[.sources]?.name == "WASM_SERVER_FILE_PATH")
        let argument = try await settings(environment: ["WASM_SERVER_SOURCES": "/a.wasm"], arguments: ["/b.wasm"])
        #expect(argument.places[.sources]?.name == "arguments")
        #expect(try await settings().places[.sources] == nil)
    }

    @Test("shows a person what was given")
    func text() async throws {
        let line = try await line(try await settings(flags: [.retain: "2h"], arguments: ["/a.wasm"], isTerminal: true))
        #expect(line.contains(" settings.retain=7200s settings.sources=/a.wasm "))
        #expect(!line.contains("given"))
        #expect(!line.contains("drain-delay"))
    }

    private func line(_ settings: Settings) async throws -> String {
        try await TemporaryFolder.with { folder in
            let file = try folder.write([], to: "log")
            let handle = try #require(FileHandle(forWritingAtPath: file))
            let sink = LogSink(descriptor: handle.fileDescriptor, format: settings.logFormat)
            let logger = Logger(label: "test") { _ in LineLogHandler(level: .info, sink: sink) }
            StartReport(settings: settings).log(to: logger)
            sink.flush()
            return try String(contentsOfFile: file, encoding: .utf8)
        }
    }
}
