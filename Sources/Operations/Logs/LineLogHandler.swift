// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import FoundationEssentials
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
        sink.write(sink.format.line(event.level, event.message.description, all, at: Date()), at: event.level)
    }

    /// One piece of what every line carries.
    package subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }
}
