// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Foundation
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
            client: ClientAddress(.init(ipv4: 0xc000_0201), port: 5),
            isComplete: true,
            duration: .microseconds(1)
        )
        let handler = LineLogHandler(level: .debug, sink: LogSink(descriptor: -1, format: .json))
        var line = LogLine(.json, .info, "access", at: 0)
        AccessLog(lines: handler, listener: "data", isQuiet: false).addFields(of: exchange, to: &line)
        line.end()
        guard let logged = try? JSONSerialization.jsonObject(with: Data(line.bytes)) as? [String: Any] else {
            fatalError("not a JSON object: \(String(decoding: line.bytes, as: UTF8.self))")
        }
        for case (let key, let value as String) in logged {
            require(value.utf8.count <= 256, "\(key) has \(value.utf8.count) bytes")
        }
    }
}
