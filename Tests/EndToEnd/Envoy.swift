// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import Testing

/// An unmodified Envoy, running.
struct Envoy {
    private let adminAddress: String
    private let program: Program
    private let folder: URL

    /// The first answer of the gateway; until the plugin is loaded, or given up, it does not listen.
    func firstReply(to path: String = "/") async throws -> Reply {
        try await eventually("an answer through Envoy", within: .seconds(60)) {
            try await program.requireRunning()
            guard let port = try await gatewayPort() else { return nil }
            return try await Reply.get("http://127.0.0.1:\(port)\(path)", outputIn: folder)
        }
    }

    /// The first answer of the gateway that shows the plugin's work.
    func firstReplyFromPlugin() async throws -> Reply {
        try await eventually("the plugin's header in an answer through Envoy", within: .seconds(60)) {
            let reply = try await firstReply()
            return reply.fields["x-wasm-server-demo"] == nil ? nil : reply
        }
    }

    /// What one of Envoy's counters and gauges stands at; one that does not exist yet stands at 0.
    func statistic(_ name: String) async throws -> Int {
        let line = try await admin("/stats").text.split(separator: "\n").first { $0.hasPrefix("\(name): ") }
        return line?.split(separator: " ").last.flatMap { Int($0) } ?? 0
    }

    /// The port that the gateway listens on, once it does.
    private func gatewayPort() async throws -> Int? {
        let reply = try await admin("/listeners?format=json")
        let listeners = try JSONDecoder().decode(Listeners.self, from: reply.content)
        return listeners.all?.first?.localAddress.socketAddress.port
    }

    private func admin(_ path: String) async throws -> Reply {
        let reply = try await Reply.get("http://\(adminAddress)\(path)", outputIn: folder)
        return try #require(reply, "Envoy's admin interface does not answer")
    }

    fileprivate static func arguments(bootstrap: String, in folder: URL) throws -> [String] {
        // JSON is YAML, too.
        let file = folder.appending(path: "envoy.yaml")
        try Data(bootstrap.utf8).write(to: file)
        return [
            "--config-path", file.path, "--admin-address-path", Self.adminAddressFile(in: folder).path,
            "--concurrency", "1", "--disable-hot-restart",
        ]
    }

    /// Waits until Envoy has said where its admin interface is.
    fileprivate init(_ program: Program, in folder: URL) async throws {
        adminAddress = try await eventually("Envoy to start") {
            try await program.requireRunning()
            let address = try? String(contentsOf: Self.adminAddressFile(in: folder), encoding: .utf8)
            return address?.contains(":") == true ? address : nil
        }
        self.program = program
        self.folder = folder
    }

    private static func adminAddressFile(in folder: URL) -> URL {
        folder.appending(path: "admin-address")
    }
}

/// Runs an Envoy for as long as `body` lasts.
///
/// - Parameters:
///   - version: Which Envoy.
///   - configuration: What it is told.
///   - body: What is to be done with it; it has started by then, but may not have its plugin yet.
/// - Returns: What `body` returns.
/// - Throws: What kept Envoy from starting, or what `body` throws.
func withEnvoy<Result>(
    _ version: EnvoyVersion,
    _ configuration: EnvoyConfiguration,
    _ body: (Envoy) async throws -> Result
) async throws -> Result {
    try await withEnvoy(version, bootstrap: configuration.json, body)
}

/// Runs an Envoy with a bootstrap of one's own, in JSON or YAML, for as long as `body` lasts.
func withEnvoy<Result>(
    _ version: EnvoyVersion,
    bootstrap: String,
    _ body: (Envoy) async throws -> Result
) async throws -> Result {
    try await withTemporaryFolder { folder in
        let arguments = try Envoy.arguments(bootstrap: bootstrap, in: folder)
        let program = try Program(version.binary, arguments, outputIn: folder)
        do {
            let result = try await body(Envoy(program, in: folder))
            await program.stop()
            return result
        } catch {
            await program.stop()
            Issue.record("The last words of Envoy \(version.rawValue) were:\n\(try program.lastWords)")
            throw error
        }
    }
}

/// What Envoy's admin interface answers to `/listeners?format=json`, as far as the tests need it.
private struct Listeners: Decodable {
    struct Listener: Decodable {
        let localAddress: Address

        enum CodingKeys: String, CodingKey {
            case localAddress = "local_address"
        }
    }

    struct Address: Decodable {
        let socketAddress: SocketAddress

        enum CodingKeys: String, CodingKey {
            case socketAddress = "socket_address"
        }
    }

    struct SocketAddress: Decodable {
        let port: Int

        enum CodingKeys: String, CodingKey {
            case port = "port_value"
        }
    }

    let all: [Listener]?

    enum CodingKeys: String, CodingKey {
        case all = "listener_statuses"
    }
}
