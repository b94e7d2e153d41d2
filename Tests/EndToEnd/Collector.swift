// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import Testing

/// A collector of traces that judges what it is sent by OpenTelemetry's own schema (`Verification/verification/collector`).
struct Collector {
    /// A span that was told of.
    struct Span: Decodable {
        /// An attribute's value.
        enum Value: Decodable, Hashable {
            case text(String)
            case number(Int)
            case flag(Bool)

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let flag = try? container.decode(Bool.self) {
                    self = .flag(flag)
                } else if let number = try? container.decode(Int.self) {
                    self = .number(number)
                } else {
                    self = .text(try container.decode(String.self))
                }
            }
        }

        let service: String
        let trace: String
        let span: String
        let parent: String?
        let name: String
        let kind: String
        let status: String
        let attributes: [String: Value]
        let resource: [String: Value]
        let encoding: String
    }

    private struct Line: Decodable {
        let port: Int?
        let error: String?
    }

    /// Where it listens, at 127.0.0.1.
    let port: Int
    private let program: Program

    /// What `--otlp-endpoint` is told.
    var endpoint: String { "http://127.0.0.1:\(port)" }

    /// Has it answer nobody.
    func stall() { program.send(SIGSTOP) }

    /// Has it answer again.
    func goOn() { program.send(SIGCONT) }

    /// Waits until it was told of enough spans of a service.
    ///
    /// - Throws: If anything was sent that is not as it has to be.
    func spans(of service: String, atLeast count: Int) async throws -> [Span] {
        try await eventually("\(count) spans of \(service)") {
            let spans = try spans().filter { $0.service == service }
            return spans.count >= count ? spans : nil
        }
    }

    /// What it was told of so far.
    func spans() throws -> [Span] {
        try lines().dropFirst().map { line in
            if let error = try JSONDecoder().decode(Line.self, from: line).error { throw Unexpected(error) }
            return try JSONDecoder().decode(Span.self, from: line)
        }
    }

    private func lines() throws -> [Data] { try Self.lines(of: program) }

    private static func lines(of program: Program) throws -> [Data] {
        try program.output.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast().map {
            Data($0)
        }
    }

    fileprivate init(_ program: Program) async throws {
        port = try await eventually("the collector to listen") {
            try await program.requireRunning()
            return try Self.lines(of: program).first.flatMap { try JSONDecoder().decode(Line.self, from: $0).port }
        }
        self.program = program
    }
}

/// Runs a collector for as long as `body` lasts.
func withCollector<Result>(_ body: (Collector) async throws -> Result) async throws -> Result {
    try await withTemporaryFolder { folder in
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        let python = root.appending(path: ".build-tools/test/bin/python")
        guard FileManager.default.isExecutableFile(atPath: python.path) else {
            throw Unexpected("there is no \(python.path); run Scripts/install-tools test")
        }
        let program = try Program(
            python,
            ["-P", "-m", "verification.collector"],
            environment: [
                "PYTHONPATH": root.appending(path: "Verification").path, "PYTHONDONTWRITEBYTECODE": "1",
            ],
            outputIn: folder
        )
        do {
            let result = try await body(Collector(program))
            await program.stop()
            return result
        } catch {
            await program.stop()
            throw error
        }
    }
}
