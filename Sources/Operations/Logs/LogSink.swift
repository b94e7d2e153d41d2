// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import Dispatch
internal import FoundationEssentials
package import Logging
internal import Synchronization

/// Where log lines go: a descriptor that is written by a thread of its own.
///
/// Whoever logs, an event loop above all, only appends to a bounded buffer. If the reader of the log stalls or its disk
/// is full, lines are lost; the server goes on, and says how many once it can write again. What matters more finds room though
/// clients have filled what there is for less.
package final class LogSink: Sendable {
    private struct State {
        var pending: [UInt8] = []
        var isWriting = false
        /// Since the last word about it.
        var lost = 0
        /// Since the beginning.
        var lostInAll = 0

        mutating func lose(_ count: Int) {
            lost += count
            lostInAll += count
        }
    }

    /// How many bytes may wait to be written before a line of a level is lost.
    private static func capacity(for level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug, .info, .notice: 1 << 20
        case .warning: 5 << 18
        case .error, .critical: 6 << 18
        }
    }

    /// How long the end of the process waits for a reader that stalls.
    private static let flushTimeout = DispatchTimeInterval.seconds(1)

    /// How the lines look.
    let format: LogFormat
    private let descriptor: Int32
    private let state = Mutex(State())
    private let thread = DedicatedThread(label: "log")

    /// A sink that writes lines of a format to a descriptor, which it does not close.
    package init(descriptor: Int32, format: LogFormat) {
        self.descriptor = descriptor
        self.format = format
    }

    /// Queues a line that ends in a line feed; it never waits.
    package func write(_ line: String, at level: Logger.Level) {
        let mustStart = state.withLock { state in
            guard state.pending.count + line.utf8.count <= Self.capacity(for: level) else {
                state.lose(1)
                return false
            }
            state.pending += Array(line.utf8)
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if mustStart { thread.perform { self.writePending() } }
    }

    /// How many lines were lost so far.
    var lostLines: Int { state.withLock { $0.lostInAll } }

    /// Waits until everything that was queued is written, at the end of the process, but not for long.
    package func flush() {
        let written = DispatchSemaphore(value: 0)
        thread.perform {
            self.writePending()
            written.signal()
        }
        _ = written.wait(timeout: .now() + Self.flushTimeout)
    }

    private func writePending() {
        while let (notice, lines, lost) = takePending() {
            let bytes = notice + lines
            let result = unsafe platform_write(descriptor, bytes, bytes.count)
            guard result != 0 else { continue }
            state.withLock { state in
                state.lose(lines.count { $0 == UInt8(ascii: "\n") })
                // The word about these was lost with them.
                state.lost += lost
            }
        }
    }

    /// What is to be written next, behind a word about what was lost before.
    private func takePending() -> (notice: [UInt8], lines: [UInt8], lost: Int)? {
        state.withLock { state in
            guard !state.pending.isEmpty else {
                state.isWriting = false
                return nil
            }
            defer {
                state.pending = []
                state.lost = 0
            }
            guard state.lost > 0 else { return ([], state.pending, 0) }
            let metadata: Logger.Metadata = ["lines": .stringConvertible(state.lost)]
            let notice = format.line(.warning, "log lines lost", metadata, at: Date())
            return (Array(notice.utf8), state.pending, state.lost)
        }
    }
}

/// swift-log's lines, formatted and handed to a sink.
package struct LineLogHandler: LogHandler {
    /// Below which level nothing is logged.
    package var logLevel: Logger.Level
    /// What every line carries.
    package var metadata: Logger.Metadata = [:]

    private let sink: LogSink

    /// A handler for a sink.
    package init(level: Logger.Level, sink: LogSink) {
        logLevel = level
        self.sink = sink
    }

    /// Formats a line and queues it.
    package func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { _, own in own }
        sink.write(sink.format.line(event.level, event.message.description, all, at: Date()), at: event.level)
    }

    /// One piece of what every line carries.
    package subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }
}
