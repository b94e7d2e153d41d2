// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Logging
internal import ModuleCatalog
internal import Operations

/// All that `serve` can be told, resolved.
struct Settings: Equatable {
    /// Where modules come from.
    var sources: [Source]
    /// An address of this machine; nil for all of both families.
    var host: String?
    /// Where modules are served; 0 picks a free port.
    var port: Int
    /// Where probes are answered; 0 picks a free port.
    var operationsPort: Int
    /// In bytes.
    var maximumModuleSize: Int
    var logLevel: Logger.Level
    var logFormat: LogFormat
}

/// One thing that can be set: by a flag, by a variable, in the file.
enum Setting: String, CaseIterable {
    case sources
    case host
    case port
    case operationsPort = "operations-port"
    case maximumModuleSize = "max-module-size"
    case logLevel = "log-level"
    case logFormat = "log-format"

    /// The key in the configuration file.
    var key: String { rawValue }

    /// The flag.
    var flag: String { "--\(rawValue)" }

    /// The environment variable.
    var variable: String {
        "WASM_SERVER_\(rawValue.uppercased().split(separator: "-").joined(separator: "_"))"
    }

    /// What a value may be, in words that follow "must be".
    var allowed: String {
        switch self {
        case .sources: "a list of files and directories"
        case .host: "an address or a name of this machine"
        case .port, .operationsPort: "a number from 0 to 65535 (0 picks a free port)"
        case .maximumModuleSize: "a size from 1 byte to 2GiB, such as 1048576, 64MiB or 32MB"
        case .logLevel: "one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))"
        case .logFormat: "one of \(LogFormat.allCases.map(\.rawValue).joined(separator: ", "))"
        }
    }
}
