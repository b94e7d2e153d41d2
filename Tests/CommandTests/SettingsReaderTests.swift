// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Configuration
import Logging
import ModuleCatalog
import Operations
import TestSupport
import Testing

@testable import wasm_server

@Suite("Settings")
struct SettingsReaderTests {
    @Test("have the documented defaults")
    func defaults() async throws {
        let settings = try await settings()
        #expect(settings.sources == [.plugin(file: "/wasm/plugin.wasm")])
        #expect(settings.host == nil)
        #expect(settings.port == 8082)
        #expect(settings.operationsPort == 9082)
        #expect(settings.maximumModuleSize == 256 << 20)
        #expect(settings.logLevel == .info)
        #expect(settings.logFormat == .json)
    }

    @Test("come from flags before variables before the file")
    func precedence() async throws {
        let file = "port: 1\nhost: file\nlog-level: debug\noperations-port: 4\n"
        let environment = ["WASM_SERVER_PORT": "2", "WASM_SERVER_HOST": "variable"]
        let settings = try await settings(flags: [.port: "3"], environment: environment, file: file)
        #expect(settings.port == 3)
        #expect(settings.host == "variable")
        #expect(settings.logLevel == .debug)
        #expect(settings.operationsPort == 4)
    }

    @Test("can all be given in each way")
    func everyWay() async throws {
        let values: [Setting: String] = [
            .host: "127.0.0.1", .port: "1", .operationsPort: "2", .maximumModuleSize: "3KiB", .logLevel: "error",
            .logFormat: "text",
        ]
        let variables = Dictionary(uniqueKeysWithValues: values.map { ($0.variable, $1) })
        let file = values.map { "\($0.key): \($1)" }.joined(separator: "\n")
        for settings in [
            try await settings(flags: values), try await settings(environment: variables),
            try await settings(file: file),
        ] {
            #expect(settings.host == "127.0.0.1")
            #expect(settings.port == 1)
            #expect(settings.operationsPort == 2)
            #expect(settings.maximumModuleSize == 3072)
            #expect(settings.logLevel == .error)
            #expect(settings.logFormat == .text)
        }
    }

    @Test("take sources from arguments, then variables, then the file")
    func sources() async throws {
        let file = "sources:\n- f1\n- f2\n"
        let kuadrant = ["WASM_SERVER_FILE_PATH": "/k/shim"]
        let listed = ["WASM_SERVER_SOURCES": "v1,v2"]
        #expect(try await settings(environment: kuadrant, file: file, arguments: ["a"]).sources == [.path("a")])
        #expect(try await settings(environment: kuadrant, file: file).sources == [.plugin(file: "/k/shim")])
        #expect(try await settings(environment: listed, file: file).sources == [.path("v1"), .path("v2")])
        #expect(try await settings(file: file).sources == [.path("f1"), .path("f2")])
        #expect(try await settings(environment: kuadrant, demo: true).sources == [DemoPlugin.source])
        #expect(try await settings(arguments: ["a"], demo: true).sources == [DemoPlugin.source, .path("a")])
    }

    @Test("of an empty file are the defaults", arguments: ["", "# nothing\n", "---\n"])
    func emptyFile(_ text: String) async throws {
        let empty = try await settings(file: text)
        #expect(try await settings() == empty)
    }

    @Test("take an IPv6 address with the brackets that it has in a URL", arguments: ["::1", "[::1]"])
    func brackets(_ host: String) async throws {
        #expect(try await settings(flags: [.host: host]).host == "::1")
    }

    @Test("do not have an empty host", arguments: ["", "[]"])
    func emptyHost(_ host: String) async throws {
        let failure = await #expect(throws: CommandFailure.self) { try await settings(flags: [.host: host]) }
        #expect(failure?.status == .usage)
    }

    @Test("do not have one port for two listeners, but any free ones")
    func samePorts() async throws {
        await #expect(throws: CommandFailure.self) { try await settings(flags: [.port: "1", .operationsPort: "1"]) }
        #expect(try await settings(flags: [.port: "0", .operationsPort: "0"]).port == 0)
    }

    @Test("log in text to a terminal")
    func terminal() async throws {
        #expect(try await settings(isTerminal: true).logFormat == .text)
    }

    @Test(
        "know sizes as people write them",
        arguments: [
            ("1", 1), ("10B", 10), ("2KiB", 2048), ("64MiB", 64 << 20), ("1GiB", 1 << 30), ("32MB", 32_000_000),
            ("1 kB", 1000), ("", nil), ("MiB", nil), ("-1", nil), ("1.5MiB", nil), ("1TiB", nil), ("1mib", nil),
            ("99999999999999999999", nil), ("9999999999GiB", nil), ("0x10", nil), ("٣", nil),
        ]
    )
    func sizes(_ text: String, _ bytes: Int?) {
        #expect(ByteCount(text)?.bytes == bytes)
    }

    private func settings(
        flags: [Setting: String] = [:],
        environment: [String: String] = [:],
        file: String? = nil,
        arguments: [String] = [],
        demo: Bool = false,
        isTerminal: Bool = false
    ) async throws -> Settings {
        try await TemporaryFolder.with { folder in
            var provider: (String, ConfigurationFile.Provider)?
            if let file {
                let path = try folder.write(Array(file.utf8), to: "config.yaml")
                provider = try await ConfigurationFile.provider(at: path).map { (path, $0) }
            }
            return try SettingsReader(flags: flags, environment: environment, file: provider)
                .settings(arguments: arguments, demo: demo, isTerminal: isTerminal)
        }
    }
}
