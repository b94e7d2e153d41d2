// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import Dispatch
package import Logging
internal import Synchronization

/// Where log lines go: a descriptor that is written by a thread of its own.
///
/// Whoever logs, a connection's thread above all, only appends to a bounded buffer, and wakes the log's thread if it rests. If the
/// reader of the log stalls or its disk is full, lines are lost; the server goes on, and says how many once it can write again. What
/// matters more finds room though clients have filled what there is for less.
package final class LogSink: Sendable {
    private struct State {
        var pending: [UInt8] = []
        var isWriting = false
        /// Whether some of what is pending may be one of many.
        var isGathering = false
        /// Since the last word about it.
        var lost = 0
        /// Since the beginning.
        var lostInAll = 0
        /// Whether the last write that failed left a part of a line there.
        var isWithinLine = false

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

    /// How long lines are gathered that come soon after others, in milliseconds: to wake the thread costs more than to write one.
    private static let pause: UInt32 = 5

    /// How long the end of the process waits for a reader that stalls.
    private static let flushTimeout = DispatchTimeInterval.seconds(1)

    /// How the lines look.
    let format: LogFormat
    /// Writes bytes, and returns how many were.
    private let write: @Sendable ([UInt8]) -> Int
    private let state = Mutex(State())
    private let thread = DedicatedThread(label: "log")

    /// A sink that writes lines of a format to a descriptor, which it does not close.
    package convenience init(descriptor: Int32, format: LogFormat) {
        self.init(format: format) { bytes in
            var written = 0
            _ = unsafe platform_write(descriptor, bytes, bytes.count, &written)
            return written
        }
    }

    /// A sink that has bytes written by a function, which returns how many were.
    init(format: LogFormat, write: @escaping @Sendable ([UInt8]) -> Int) {
        (self.format, self.write) = (format, write)
    }

    /// Queues a line that ends in a line feed; it never waits.
    package func write(_ line: [UInt8], at level: Logger.Level) { add(line, at: level, isOneOfMany: false) }

    /// Queues a line that may be one of many: what comes soon after it is written a little later, and together.
    func gather(_ line: [UInt8], at level: Logger.Level) { add(line, at: level, isOneOfMany: true) }

    private func add(_ line: [UInt8], at level: Logger.Level, isOneOfMany: Bool) {
        let mustStart = state.withLock { state in
            guard state.pending.count + line.count <= Self.capacity(for: level) else {
                state.lose(1)
                return false
            }
            state.pending += line
            if isOneOfMany { state.isGathering = true }
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
        while let (lines, lost, isGathering) = takePending() {
            let lineFeed = UInt8(ascii: "\n")
            let isWithinLine = state.withLock { $0.isWithinLine }
            let first = (isWithinLine ? [lineFeed] : []) + (lost > 0 ? notice(of: lost) : [])
            let bytes = first + lines
            let written = write(bytes)
            state.withLock { state in
                state.lose(bytes[max(written, first.count)...].count { $0 == lineFeed })
                // The word about others was lost with these.
                if written < first.count { state.lost += lost }
                if written > 0 { state.isWithinLine = bytes[written - 1] != lineFeed }
            }
            if isGathering { platform_sleep_milliseconds(Self.pause) }
        }
    }

    /// What is to be written next, and how many lines were lost before.
    private func takePending() -> (lines: [UInt8], lost: Int, isGathering: Bool)? {
        state.withLock { state in
            guard !state.pending.isEmpty else {
                state.isWriting = false
                return nil
            }
            defer { (state.pending, state.lost, state.isGathering) = ([], 0, false) }
            return (state.pending, state.lost, state.isGathering)
        }
    }

    private func notice(of lost: Int) -> [UInt8] {
        line(.warning, "log lines lost", ["lines": .stringConvertible(lost)])
    }

    /// A line, with its line feed.
    func line(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata) -> [UInt8] {
        var line = line(level, message)
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) { line.add(key, metadata: value) }
        line.end()
        return line.bytes
    }

    /// The beginning of a line.
    func line(_ level: Logger.Level, _ message: String) -> LogLine {
        LogLine(format, level, message, at: platform_nanoseconds() / 1_000_000)
    }
}
