// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import ArgumentParser
internal import CPlatform

/// `wasm-server`: the command line.
@main
struct WasmServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wasm-server",
        abstract: "The in-cluster source of the WebAssembly plugins that Envoy-based gateways load.",
        discussion: """
            Start here:  wasm-server serve --demo
            Then:        wasm-server serve ./plugin.wasm
            """,
        version: Version.line,
        subcommands: [ServeCommand.self, ConfigCommand.self, ProbeCommand.self, DigestCommand.self]
    )
}
