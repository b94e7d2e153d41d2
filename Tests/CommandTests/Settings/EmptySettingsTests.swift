// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Credentials
import HTTPTransport
import Logging
import Testing

@testable import wasm_server

@Suite("A setting that is given and empty")
struct EmptySettingsTests {
    /// Mutual TLS in whole, so that the one that is empty is all that is missing.
    private static let others: [String: String] = [
        "WASM_SERVER_TLS_CERTIFICATE": "/c", "WASM_SERVER_TLS_KEY": "/k", "WASM_SERVER_TLS_CLIENT_CA": "/a",
    ]

    @Test(
        "is rejected as a flag, whatever it is",
        arguments: Setting.allCases.filter { $0 != .sources },
        ["", " ", "\t"]
    )
    func flag(_ setting: Setting, _ value: String) async throws {
        let failure = await #expect(throws: CommandFailure.self) {
            _ = try await settings(flags: [setting: value], environment: Self.others)
        }
        #expect(failure?.status == .configuration)
        #expect(failure?.message.hasPrefix("\(setting.flag) is empty") == true, "\(failure?.message ?? "")")
        #expect(failure?.message.contains("leave it out") == true)
    }

    @Test(
        "is rejected as a variable, as compose files and charts make them",
        arguments: Setting.allCases,
        ["", " ", "\n"]
    )
    func variable(_ setting: Setting, _ value: String) async throws {
        let failure = await #expect(throws: CommandFailure.self) {
            _ = try await settings(environment: Self.others.merging([setting.variable: value]) { $1 })
        }
        #expect(failure?.status == .configuration)
        #expect(failure?.message.hasPrefix("\(setting.variable) is empty") == true, "\(failure?.message ?? "")")
    }

    // YAML 1.2.2 §10.3.2: what is null in the core schema.
    @Test(
        "is rejected in the file, in every way in which YAML says nothing",
        arguments: Setting.allCases,
        [
            "", " ~", " null", " Null", " NULL", " ''", " \"\"", " ' '", " []", " {}", " !!null x", " # /etc/ca.pem",
            " |\n",
        ]
    )
    func file(_ setting: Setting, _ nothing: String) async throws {
        let failure = await #expect(throws: CommandFailure.self) {
            _ = try await settings(
                environment: Self.others.filter { $0.key != setting.variable },
                file: "\n\(setting.key):\(nothing)"
            )
        }
        #expect(failure?.status == .configuration)
        let place = "config.yaml, line 2: '\(setting.key)' is empty"
        #expect(failure?.message.contains(place) == true, "\(failure?.message ?? "")")
    }

    @Test("is rejected as one element among others", arguments: [Setting.tlsAllowedClient, .peers, .sources])
    func element(_ setting: Setting) async throws {
        for value in ["a.example,,b.example", "a.example,", ",a.example", "a.example, ,b.example"] {
            let failure = await #expect(throws: CommandFailure.self) {
                _ = try await settings(environment: Self.others.merging([setting.variable: value]) { $1 })
            }
            #expect(failure?.status == .configuration)
            #expect(failure?.message.contains("\(setting.variable) has an empty element") == true)
        }
        for nothing in ["''", "~", "null", ""] {
            let failure = await #expect(throws: CommandFailure.self) {
                _ = try await settings(
                    environment: Self.others.filter { $0.key != setting.variable },
                    file: "\(setting.key):\n- a.example\n- \(nothing)\n"
                )
            }
            #expect(failure?.message.contains("'\(setting.key)' has an empty element") == true)
        }
    }

    @Test("does not count where something else is given in a place that counts more")
    func overridden() async throws {
        let variables = Self.others.merging(["WASM_SERVER_LOG_LEVEL": ""]) { $1 }
        let settings = try await settings(flags: [.logLevel: "debug"], environment: variables, file: "log-level:\n")
        #expect(settings.logLevel == .debug)
        #expect(settings.tls.clientAuthorities == "/a")
    }

    @Test("is rejected where it would leave what another place says out of account")
    func overriding() async throws {
        let variables = Self.others.merging(["WASM_SERVER_TLS_CLIENT_CA": ""]) { $1 }
        await #expect(throws: CommandFailure.self) {
            _ = try await settings(environment: variables, file: "tls-client-ca: /a")
        }
    }

    @Test("is rejected as an argument, and as Kuadrant's variable")
    func sources() async throws {
        for (arguments, variables, name) in [
            (["a", ""], [:], "argument"), ([""], [:], "argument"),
            ([], ["WASM_SERVER_FILE_PATH": ""], "WASM_SERVER_FILE_PATH is empty"),
        ] as [([String], [String: String], String)] {
            let failure = await #expect(throws: CommandFailure.self) {
                _ = try await settings(environment: variables, arguments: arguments)
            }
            #expect(failure?.status == .configuration)
            #expect(failure?.message.contains(name) == true)
        }
    }

    @Test("is rejected as the name of the configuration file")
    func configurationFile() throws {
        let variables = Variables(["WASM_SERVER_CONFIG": " "])
        let failure = #expect(throws: CommandFailure.self) { try variables.path(Variables.configurationFile) }
        #expect(failure?.status == .configuration)
        #expect(failure?.message.hasPrefix("WASM_SERVER_CONFIG is empty") == true)
    }

    @Test(
        "may be the whole file, which is rejected like that",
        arguments: ["", "\n", "# nothing\n", "---\n", "null\n", "~", "{}", "''", "---\n...\n"]
    )
    func wholeFile(_ text: String) async throws {
        let failure = await #expect(throws: CommandFailure.self) { _ = try await settings(file: text) }
        #expect(failure?.status == .configuration)
        #expect(failure?.message.contains("config.yaml") == true)
    }
}
