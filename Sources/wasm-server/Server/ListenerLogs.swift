// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Logging
internal import Operations
internal import ServiceLifecycle
internal import Ticks

/// The logs of all listeners' connections and exchanges.
///
/// Now and then, and at the end, they tell how many lines they left out, even if nothing comes after a burst.
struct ListenerLogs: Service {
    private let connections: [Listener: ConnectionLog]
    private let exchanges: [Listener: AccessLog]

    /// Logs that go to a handler.
    init(lines: LineLogHandler) {
        let logger = Logger(label: "wasm-server") { _ in lines }
        connections = Self.each { ConnectionLog(logger: logger, listener: $0.rawValue) }
        exchanges = Self.each { AccessLog(lines: lines, listener: $0.rawValue, isQuiet: $0 == .operations) }
    }

    private static func each<Log>(_ log: (Listener) -> Log) -> [Listener: Log] {
        Dictionary(uniqueKeysWithValues: Listener.allCases.map { ($0, log($0)) })
    }

    /// That of a listener's connections; nil for none.
    func connections(of listener: Listener) -> ConnectionLog? { connections[listener] }

    /// That of a listener's exchanges; nil for none.
    func exchanges(of listener: Listener) -> AccessLog? { exchanges[listener] }

    /// Tells what was left out now and then, until a graceful shutdown begins.
    func run() async {
        await cancelWhenGracefulShutdown {
            await Ticks.each(LineBudget.span) {
                for log in connections.values { log.settle() }
                for log in exchanges.values { log.settle() }
            }
        }
    }

    /// Tells what was left out, at the end of the process.
    func end() {
        for log in connections.values { log.end() }
        for log in exchanges.values { log.end() }
    }
}
