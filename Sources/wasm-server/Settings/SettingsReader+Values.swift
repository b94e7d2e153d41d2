// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPTransport
internal import Logging
internal import ModuleCatalog

/// The defaults, and what texts mean.
extension SettingsReader {
    /// Where Kuadrant's operator mounts its plugin (`wasm_server.go`).
    static let defaultSources = [Source.plugin(file: "/wasm/plugin.wasm")]
    /// Envoy accepts at most 32 MiB from a remote source, istio-agent and Envoy Gateway 256 MiB.
    static let defaultMaximumModuleSize = 256 << 20

    static let defaultPort = 8082
    static let defaultOperationsPort = 9082
    /// What gateways that start at once need many times over, in memory that a small container has.
    static let defaultMaximumConnections = ConnectionLimits().count
    /// How long Kubernetes may take to tell everyone that an endpoint is gone.
    static let defaultDrainDelay = Duration.seconds(5)
    static let defaultDrainTimeout = Duration.seconds(30)
    /// A day: as long as Envoy itself remembers a module that nobody uses (`wasm.cc`).
    static let defaultRetain = Duration.seconds(24 * 3600)
    static let defaultRetainedMemory = 256 << 20
    static let defaultRehash = Duration.seconds(600)
    static let defaultLogLevel = Logger.Level.info

    private static let largestSize = 2 << 30
    private static let mostConnections = 1_000_000
    private static let longestTime = Duration.seconds(3600)
    private static let year = Duration.seconds(8760 * 3600)

    /// A port, or 0.
    static func port(_ text: String) -> Int? {
        number(text).flatMap { $0 <= UInt16.max ? $0 : nil }
    }

    /// A number of connections.
    static func connections(_ text: String) -> Int? {
        number(text).flatMap { (1...mostConnections).contains($0) ? $0 : nil }
    }

    private static func number(_ text: String) -> Int? {
        text.utf8.allSatisfy { (48...57).contains($0) } ? Int(text) : nil
    }

    /// A time to wait.
    static func time(_ text: String) -> Duration? {
        time(text, of: .zero...longestTime)
    }

    /// A time between two looks.
    static func interval(_ text: String) -> Duration? {
        time(text, of: .seconds(1)...year)
    }

    /// A time to keep something; a bare 24 is more likely meant in hours, so it needs a unit.
    static func retention(_ text: String) -> Duration? {
        text != "0" && text.allSatisfy(\.isNumber) ? nil : time(text, of: .zero...year)
    }

    private static func time(_ text: String, of range: ClosedRange<Duration>) -> Duration? {
        TimeSpan(text).flatMap { range.contains($0.duration) ? $0.duration : nil }
    }

    /// A number of bytes.
    static func size(_ text: String) -> Int? {
        ByteCount(text).flatMap { (1...largestSize).contains($0.bytes) ? $0.bytes : nil }
    }
}
