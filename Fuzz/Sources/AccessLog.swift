// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics
internal import HTTPService
internal import Logging

@testable internal import Operations

extension FuzzTarget {
    /// What of a request's text, a line each, gets into the log.
    static let accessLog = FuzzTarget("access-log") { text in
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var fields = RequestFields()
        let names = ["x-forwarded-for", "x-request-id", "traceparent", "x-forwarded-for", "user-agent"]
        for (name, value) in zip(names, lines) {
            fields.add(name: name, value: value)
        }
        let exchange = Exchange(
            request: RequestExcerpt(Request(method: Method(lines[0]), path: text, fields: fields)),
            response: Response(head: ResponseHead(.notFound, []), body: .none, reason: text),
            version: .http11,
            client: "192.0.2.1:5",
            isComplete: true,
            duration: .microseconds(1)
        )
        let logger = Logger(label: "fuzz") { _ in BoundedLogHandler() }
        AccessLog(logger: logger, listener: "data", isQuiet: false).exchangeEnded(exchange)
    }
}

/// Traps on a value that is longer than what is kept of a client's text.
private struct BoundedLogHandler: LogHandler {
    var logLevel = Logger.Level.debug
    var metadata: Logger.Metadata = [:]

    func log(event: LogEvent) {
        for (key, value) in event.metadata ?? [:] {
            require("\(value)".utf8.count <= 256, "\(key) has \("\(value)".utf8.count) bytes")
        }
    }

    subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }
}
