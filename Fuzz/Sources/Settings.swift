// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPTransport
internal import Logging
internal import ModuleCatalog
internal import Operations

@testable internal import wasm_server

extension FuzzTarget {
    /// Flags (`--port 1`) and variables (`WASM_SERVER_PORT=1`), a line each.
    static let settings = FuzzTarget("settings") { text in
        var flags: [Setting: [String]] = [:]
        var environment: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let flag = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
            let variable = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if let setting = Setting.allCases.first(where: { $0 != .sources && $0.flag == flag[0] }), flag.count == 2 {
                flags[setting, default: []].append(String(flag[1]))
            } else if variable.count == 2 {
                environment[String(variable[0])] = String(variable[1])
            }
        }
        do throws(CommandFailure) {
            let settings = try SettingsReader(flags: flags, environment: environment)
                .settings(demo: false, isTerminal: false)
            settings.requireUsable()
            if let port = flags[.port]?.first { require("\(settings.port)" == port.canonicalNumber, "a flag wins") }
        } catch {
            require([.usage, .configuration].contains(error.status), "\(error.status) for \(error.message)")
            require(error.message.contains("WASM_SERVER_") || error.message.contains("--"), "the giver is named")
        }
    }
}

extension Settings {
    /// Traps unless every setting lies within what the documentation allows.
    func requireUsable() {
        require((0...65535).contains(port) && (0...65535).contains(operationsPort), "ports are 0 to 65535")
        require(port == 0 || port != operationsPort, "two listeners have two ports")
        require((1...(2 << 30)).contains(maximumModuleSize), "a module has 1 byte to 2 GiB")
        require(!sources.isEmpty && host != "", "there is a source, and a host if any")
    }
}

extension String {
    /// Without the zeros in front.
    fileprivate var canonicalNumber: String {
        let digits = drop { $0 == "0" }
        return digits.isEmpty ? "0" : String(digits)
    }
}
