// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport
import Testing

/// The server under test, serving its demo plugin.
struct WasmServer {
    /// The address that it listens on.
    let host: String
    /// The port that the modules are served on.
    let port: Int
    /// The port that they are served on over TLS, if there is one.
    let tlsPort: Int?

    /// The address and the port of the probes.
    let operationsAddress: Substring
    private let program: Program
    private let folder: URL

    /// The sha256 that the server announces for its plugin, as a control plane asks for it.
    func announcedDigest() async throws -> String {
        let reply = try await get("/plugin.wasm.sha256")
        #expect(reply.status == 200)
        return reply.text.trimmingCharacters(in: .newlines)
    }

    /// Sends a GET request to the data port.
    func get(_ path: String, with options: [String] = []) async throws -> Reply {
        let reply = try await Reply.get("http://\(host):\(port)\(path)", with: options, outputIn: folder)
        return try #require(reply, "the server does not answer on port \(port)")
    }

    /// Sends a GET request to the port that speaks TLS, by the name `localhost`.
    ///
    /// - Parameters:
    ///   - path: What to ask for.
    ///   - client: The certificate to show.
    ///   - authority: Who has to vouch for the server.
    /// - Returns: The answer.
    /// - Throws: When there is none.
    func get(_ path: String, as client: TestCertificates.Pair, trusting authority: TestCertificates.Pair) async throws
        -> Reply
    {
        let port = try #require(tlsPort)
        let options = [
            "--ipv4", "--cacert", authority.certificate, "--cert", client.certificate, "--key", client.key,
        ]
        let reply = try await Reply.get("https://localhost:\(port)\(path)", with: options, outputIn: folder)
        return try #require(reply, "the server does not answer on port \(port)")
    }

    /// Whether the server says that it is ready.
    func isReady() async throws -> Bool {
        try await Reply.get("http://\(operationsAddress)/readyz", outputIn: folder)?.status == 200
    }

    /// The access lines that the server wrote, as soon as there are `count` of them or more.
    func accessLines(atLeast count: Int = 1) async throws -> [ServerLogLine] {
        try await eventually("\(count) access lines in the server's log", within: .seconds(5)) {
            let lines = try ServerLogLine.lines(of: program).filter { $0.message == "access" }
            return lines.count >= count ? lines : nil
        }
    }

    /// What the operations port answers.
    func operations(_ path: String, with options: [String] = []) async throws -> Reply {
        let reply = try await Reply.get("http://\(operationsAddress)\(path)", with: options, outputIn: folder)
        return try #require(reply, "the operations port does not answer")
    }

    /// The line that says this, and for a reason that begins like this, as soon as the server has written it.
    @discardableResult
    func logLine(_ message: String, because reason: String = "") async throws -> ServerLogLine {
        try await eventually("the line '\(message)' in the server's log") {
            try ServerLogLine.lines(of: program).first {
                $0.message == message && (reason.isEmpty || $0.reason?.hasPrefix(reason) == true)
            }
        }
    }

    /// Sends the server a signal, and does not wait.
    func send(_ signal: Int32) {
        program.send(signal)
    }

    /// Tells the server to end, and does not wait.
    func terminate() {
        program.terminate()
    }

    /// Waits for the server to end, and answers its exit code.
    func exitCode() async -> Int32 {
        await program.exitCode()
    }

    /// Tells the server to end, waits until it has, and answers its exit code.
    @discardableResult
    func stop() async -> Int32 {
        await program.stop()
    }

    /// The last lines of the server's log, for the message of a failure.
    var lastWords: String {
        get throws { try program.lastWords }
    }

    /// Starts a server, and waits until it is ready.
    ///
    /// - Parameters:
    ///   - arguments: What it is told besides where to listen and how to log.
    ///   - environment: Variables that it sees besides ``PlainEnvironment``.
    ///   - host: The address to listen on.
    ///   - folder: Where its log goes.
    /// - Returns: The server; whoever started it has to stop it.
    /// - Throws: What kept it from becoming ready.
    static func start(
        _ arguments: [String],
        environment: [String: String] = [:],
        at host: String,
        in folder: URL
    ) async throws -> Self {
        let program = try Program(
            serverBinary(),
            ["serve", "--host", host, "--log-format", "json", "--operations-port", "0"] + arguments,
            environment: environment,
            outputIn: folder
        )
        do {
            return try await Self(program, at: host, in: folder)
        } catch {
            await program.stop()
            throw error
        }
    }

    /// Waits until the server is ready, and learns from its log where it listens.
    private init(_ program: Program, at host: String, in folder: URL) async throws {
        let lines = try await eventually("the server to be ready", within: .seconds(20)) {
            try await program.requireRunning()
            let lines = try ServerLogLine.lines(of: program)
            return lines.contains { $0.message == "ready" } ? lines : nil
        }
        func address(_ listener: String) -> Substring? {
            lines.first { $0.message == "listening" && $0.listener == listener }?.address.map { Substring($0) }
        }
        func port(_ listener: String) -> Int? {
            address(listener)?.split(separator: ":").last.flatMap { Int($0) }
        }
        self.host = host
        self.port = try #require(port("data"), "the log does not name the data port")
        tlsPort = port("tls")
        operationsAddress = try #require(address("operations"), "the log does not name the operations port")
        self.program = program
        self.folder = folder
    }
}

/// Runs the server for as long as `body` lasts; it has to end cleanly then.
///
/// - Parameters:
///   - source: A module or a directory of modules; without one, the demo plugin.
///   - port: The port to listen on; 0 lets the server pick one.
///   - arguments: What else it is told.
///   - environment: Variables that it sees.
///   - expectedCode: What the server is expected to exit with.
///   - body: What is to be done with the server, which is ready.
/// - Returns: What `body` returns.
/// - Throws: What kept the server from becoming ready, or what `body` throws.
func withWasmServer<Result>(
    serving source: String = "--demo",
    on port: Int = 0,
    with arguments: [String] = ["--drain-delay", "0"],
    environment: [String: String] = [:],
    endingWith expectedCode: Int32 = 0,
    _ body: (WasmServer) async throws -> Result
) async throws -> Result {
    try await withTemporaryFolder { folder in
        let server = try await WasmServer.start(
            [source, "--port", "\(port)"] + arguments,
            environment: environment,
            at: "127.0.0.1",
            in: folder
        )
        do {
            let result = try await body(server)
            #expect(await server.stop() == expectedCode, "the server did not end as expected")
            return result
        } catch {
            await server.stop()
            Issue.record("The server's last words were:\n\(try server.lastWords)")
            throw error
        }
    }
}
