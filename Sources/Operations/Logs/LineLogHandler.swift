// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
package import Logging

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
        sink.write(sink.line(event.level, event.message.description, all), at: event.level)
    }

    /// Formats a line that may be one of many, and queues it; `addFields` adds them in the order of their keys.
    func log(_ level: Logger.Level, _ message: String, _ addFields: (inout LogLine) -> Void) {
        var line = sink.line(level, message)
        addFields(&line)
        line.end()
        sink.gather(line.bytes, at: level)
    }

    /// One piece of what every line carries.
    package subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }
}
