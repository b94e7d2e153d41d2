// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
package import HTTPSemantics
package import Logging

/// Logs who fetched what, and why they did not get it.
///
/// | exchange | level |
/// |-|-|
/// | an answer that could not be sent to its end | warning |
/// | 403, or 500 and above: the client was denied something, or the server could not help | warning |
/// | any other answer of 400 or above | info |
/// | a module or part of it was sent, or the client had it already | info |
/// | digests, lists, health, and all that a quiet log is told | debug |
package struct AccessLog: ExchangeObserver {
    private let logger: Logger
    private let listener: String
    private let isQuiet: Bool

    /// The longest text that is logged of what a client sent, in Unicode scalars.
    ///
    /// A character would be no bound: any number of combining marks make one with the letter before them.
    private static let maximumLength = 256

    /// A log that goes to a logger.
    ///
    /// - Parameters:
    ///   - logger: Where the lines go.
    ///   - listener: Whose exchanges they are.
    ///   - isQuiet: Whether every exchange is small talk, as probes are.
    package init(logger: Logger, listener: String, isQuiet: Bool) {
        self.logger = logger
        self.listener = listener
        self.isQuiet = isQuiet
    }

    /// Logs an exchange.
    package func exchangeEnded(_ exchange: Exchange) {
        let level = isQuiet ? .debug : Self.level(of: exchange)
        guard level >= logger.logLevel else { return }
        logger.log(level: level, "access", metadata: metadata(of: exchange))
    }

    private static func level(of exchange: Exchange) -> Logger.Level {
        let status = exchange.response.head.status
        guard exchange.isComplete, status != .forbidden, !status.isServerError else { return .warning }
        return status.isError || exchange.response.module?.content == .module ? .info : .debug
    }

    private func metadata(of exchange: Exchange) -> Logger.Metadata {
        let request = exchange.request
        var metadata: Logger.Metadata = [
            "client": "\(exchange.client)",
            "listener": "\(listener)",
            "protocol": "\(exchange.version.rawValue)",
            "status": .stringConvertible(exchange.response.head.status.rawValue),
            "duration": .stringConvertible(exchange.duration),
            "from_peer": .stringConvertible(request?.fields.peer != nil),
        ]
        if exchange.isComplete {
            let isHead = request?.method == .head
            metadata["bytes"] = .stringConvertible(isHead ? 0 : exchange.response.body.count)
        } else {
            metadata["outcome"] = "cut"
        }
        metadata["method"] = Self.excerpt(request?.method.token)
        metadata["path"] = Self.excerpt(request?.path)
        metadata["by"] = exchange.response.module.map { "\($0.key.rawValue)" }
        metadata["sha256"] = exchange.response.module?.digest.map { "\($0)" }
        metadata["reason"] = Self.excerpt(exchange.response.reason)
        metadata["user_agent"] = Self.excerpt(request?.fields.userAgent)
        metadata["forwarded_for"] = Self.excerpt(request?.fields.forwardedFor)
        metadata["request_id"] = Self.excerpt(request?.fields.requestID)
        metadata["traceparent"] = Self.excerpt(request?.fields.traceparent)
        return metadata
    }

    private static func excerpt(_ text: String?) -> Logger.MetadataValue? {
        text.map { "\(String($0.unicodeScalars.prefix(maximumLength)))" }
    }
}
