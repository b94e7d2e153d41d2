// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPSemantics
package import HTTPService
package import Logging

/// Logs who fetched what, and why they did not get it.
///
/// | exchange | level |
/// |-|-|
/// | an answer that could not be sent to its end | warning |
/// | 403, or 500 and above: the client was denied something, or the server could not help | warning |
/// | any other answer of 400 or above | info |
/// | a module or part of it was sent, or the client had it already | info |
/// | digests, lists, health, and everything in a quiet log | debug |
///
/// Clients can cause any number of warnings, and each at next to no cost to themselves. So there are at most ten in any
/// ten seconds for each of their reasons. The next warning, or a call of ``settle()``, tells how many were left out.
package final class AccessLog: ExchangeObserver {
    /// Why an exchange is warned of.
    private enum Reason: Hashable {
        case cut
        case status(Int)
    }

    private let logger: Logger
    /// The least level that the logger logs.
    private let leastLevel: Logger.Level
    private let listener: String
    private let isQuiet: Bool
    private let budgets: LineBudgets<Reason>

    /// A log of a listener's exchanges; a quiet one takes each for small talk, as probes are.
    package init(
        logger: Logger,
        listener: String,
        isQuiet: Bool,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) {
        self.logger = logger
        leastLevel = logger.logLevel
        self.listener = listener
        self.isQuiet = isQuiet
        budgets = LineBudgets(now: now)
    }

    /// Logs an exchange, if it is one to be logged and there is room.
    package func exchangeEnded(_ exchange: Exchange) {
        let warning = isQuiet ? nil : Self.reasonToWarn(of: exchange)
        let level = warning != nil ? .warning : isQuiet ? .debug : Self.level(of: exchange)
        guard level >= leastLevel else { return }
        if let warning {
            guard let leftOut = budgets.spend(on: warning) else { return }
            if leftOut > 0 { tell(leftOut, of: warning) }
        }
        logger.log(level: level, "access", metadata: metadata(of: exchange))
    }

    /// Tells how many warnings were left out, of each reason that there is room for again.
    package func settle() {
        for (reason, count) in budgets.settle() { tell(count, of: reason) }
    }

    /// Tells how many warnings were left out and are not told yet: nothing comes after it.
    package func end() {
        for (reason, count) in budgets.end() { tell(count, of: reason) }
    }

    private func tell(_ leftOut: Int, of reason: Reason) {
        let text =
            switch reason {
            case .cut: "cut"
            case .status(let status): "\(status)"
            }
        logger.warning(
            "lines left out",
            metadata: [
                "listener": "\(listener)", "reason": "\(text)", "event": "access", "lines": .stringConvertible(leftOut),
            ]
        )
    }

    private static func reasonToWarn(of exchange: Exchange) -> Reason? {
        let status = exchange.response.head.status
        guard exchange.isComplete else { return .cut }
        return status == .forbidden || status.isServerError ? .status(Int(status.rawValue)) : nil
    }

    private static func level(of exchange: Exchange) -> Logger.Level {
        exchange.response.head.status.isError || exchange.response.resource?.content == .bytes ? .info : .debug
    }

    private func metadata(of exchange: Exchange) -> Logger.Metadata {
        let request = exchange.request
        var metadata: Logger.Metadata = [
            "client": "\(exchange.client)",
            "listener": "\(listener)",
            "protocol": "\(exchange.version.rawValue)",
            "status": .stringConvertible(exchange.response.head.status.rawValue),
            "duration": .stringConvertible(exchange.duration),
            "from_peer": .stringConvertible(request?.isOwn ?? false),
        ]
        if exchange.isComplete {
            let isHead = request?.method == .head
            metadata["bytes"] = .stringConvertible(isHead ? 0 : exchange.response.body.count)
        } else {
            metadata["outcome"] = "cut"
        }
        metadata["method"] = Self.excerpt(request?.method.token)
        metadata["path"] = Self.excerpt(request?.path)
        metadata["by"] = exchange.response.resource.map { "\($0.key.rawValue)" }
        metadata["sha256"] = exchange.response.resource?.digest.map { "\($0)" }
        metadata["reason"] = Self.excerpt(exchange.response.reason)
        metadata["user_agent"] = Self.excerpt(request?.userAgent)
        metadata["forwarded_for"] = Self.excerpt(request?.forwardedFor)
        metadata["request_id"] = Self.excerpt(request?.requestID)
        metadata["traceparent"] = Self.excerpt(request?.traceparent)
        return metadata
    }

    private static func excerpt(_ text: String?) -> Logger.MetadataValue? {
        text.map { "\($0.excerpt)" }
    }
}
