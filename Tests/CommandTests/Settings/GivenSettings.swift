// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import TestSupport

@testable import wasm_server

/// The settings that are made of what was given.
func settings(
    flags: [Setting: String] = [:],
    environment: [String: String] = [:],
    file: String? = nil,
    arguments: [String] = [],
    clients: [String] = [],
    peers: [String] = [],
    demo: Bool = false,
    isTerminal: Bool = false
) async throws -> Settings {
    let lists: [Setting: [String]] = [.sources: arguments, .tlsAllowedClient: clients, .peers: peers].filter {
        !$1.isEmpty
    }
    let flags = flags.mapValues { [$0] }.merging(lists) { one, _ in one }
    return try await TemporaryFolder.with { folder in
        let path = try file.map { try folder.write(Array($0.utf8), to: "config.yaml") }
        let entries = try ConfigurationFile.entries(named: path, Variables([:]))
        return try SettingsReader(flags: flags, environment: environment, file: entries)
            .settings(demo: demo, isTerminal: isTerminal)
    }
}
