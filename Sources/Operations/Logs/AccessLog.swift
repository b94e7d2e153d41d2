// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPSemantics
package import HTTPService
internal import Logging

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

    private let lines: LineLogHandler
    private let listener: String
    private let isQuiet: Bool
    private let budgets: LineBudgets<Reason>

    /// A log of a listener's exchanges, by a handler; a quiet one takes each for small talk, as probes are.
    package init(
        lines: LineLogHandler,
        listener: String,
        isQuiet: Bool,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) {
        self.lines = lines
        self.listener = listener
        self.isQuiet = isQuiet
        budgets = LineBudgets(now: now)
    }

    /// Logs an exchange, if it is one to be logged and there is room.
    package func exchangeEnded(_ exchange: Exchange) {
        let warning = isQuiet ? nil : Self.reasonToWarn(of: exchange)
        let level = warning != nil ? .warning : isQuiet ? .debug : Self.level(of: exchange)
        guard level >= lines.logLevel else { return }
        if let warning {
            guard let leftOut = budgets.spend(on: warning) else { return }
            if leftOut > 0 { tell(leftOut, of: warning) }
        }
        lines.log(level, "access") { addFields(of: exchange, to: &$0) }
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
        lines.log(.warning, "lines left out") { line in
            line.add("event", "access")
            line.add("lines", leftOut)
            line.add("listener", listener)
            line.add("reason", text)
        }
    }

    private static func reasonToWarn(of exchange: Exchange) -> Reason? {
        let status = exchange.response.head.status
        guard exchange.isComplete else { return .cut }
        return status == .forbidden || status.isServerError ? .status(Int(status.rawValue)) : nil
    }

    private static func level(of exchange: Exchange) -> Logger.Level {
        exchange.response.head.status.isError || exchange.response.resource?.content == .bytes ? .info : .debug
    }

    /// Adds what is told of an exchange, in the order of the keys.
    func addFields(of exchange: Exchange, to line: inout LogLine) {
        let (request, response) = (exchange.request, exchange.response)
        if let resource = response.resource { line.add("by", resource.key.rawValue) }
        if exchange.isComplete { line.add("bytes", request?.method == .head ? 0 : response.body.count) }
        line.add("client", "\(exchange.client)")
        line.add("duration", exchange.duration)
        Self.add("forwarded_for", request?.forwardedFor, to: &line)
        line.add("from_peer", request?.isOwn ?? false)
        line.add("listener", listener)
        Self.add("method", request?.method.token, to: &line)
        if !exchange.isComplete { line.add("outcome", "cut") }
        Self.add("path", request?.path, to: &line)
        line.add("protocol", exchange.version.rawValue)
        Self.add("reason", response.reason, to: &line)
        Self.add("request_id", request?.requestID, to: &line)
        if let digest = response.resource?.digest { line.add("sha256", digest.hexadecimal) }
        line.add("status", Int(response.head.status.rawValue))
        Self.add("traceparent", request?.traceparent, to: &line)
        Self.add("user_agent", request?.userAgent, to: &line)
    }

    private static func add(_ key: StaticString, _ text: String?, to line: inout LogLine) {
        if let text { line.add(key, text.excerpt) }
    }
}
