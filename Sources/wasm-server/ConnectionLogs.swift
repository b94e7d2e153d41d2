// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Logging
internal import Operations
internal import ServiceLifecycle

/// The logs of all listeners' connections.
///
/// How many lines they left out is told though nothing comes after a burst: now and then, and at the end.
struct ConnectionLogs: Service {
    private let logs: [Listener: ConnectionLog]

    /// Logs that go to a logger.
    init(logger: Logger) {
        logs = Dictionary(
            uniqueKeysWithValues: Listener.allCases.map { ($0, ConnectionLog(logger: logger, listener: $0.rawValue)) }
        )
    }

    /// That of a listener; nil for none.
    subscript(_ listener: Listener) -> ConnectionLog? { logs[listener] }

    /// Tells what was left out now and then, until a graceful shutdown begins.
    func run() async {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: ConnectionLog.span)) != nil {
                for log in logs.values { log.settle() }
            }
        }
    }

    /// Tells what was left out, at the end of the process.
    func end() {
        for log in logs.values { log.end() }
    }
}
