// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics
package import HTTPService
package import Logging

/// Logs connections that did not go as they should.
///
/// | event | level |
/// |-|-|
/// | a client was denied what it may have needed: it was refused, or its TLS handshake was | warning |
/// | accepting pauses | warning |
/// | a stream was refused, or its request was malformed | info |
/// | a connection was cut, or a client gave a TLS handshake up or spoke none | info |
/// | anything else | not at all |
///
/// However many clients misbehave, there are at most ten lines in any ten seconds for one reason. The next line, or a
/// call of ``settle()``, tells how many were left out.
package final class ConnectionLog: ConnectionObserver {
    private let logger: Logger
    private let listener: String
    private let budgets: LineBudgets<ConnectionEvent>

    /// A log of a listener's connections.
    package init(
        logger: Logger,
        listener: String,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) {
        self.logger = logger
        self.listener = listener
        budgets = LineBudgets(now: now)
    }

    /// Logs an event, if it is one to be logged and there is room.
    package func connectionChanged(_ event: ConnectionEvent, _ circumstances: ConnectionEvent.Circumstances) {
        guard let (level, message, reason) = Self.line(about: event), level >= logger.logLevel else { return }
        guard let leftOut = budgets.spend(on: event) else { return }
        if leftOut > 0 { tell(leftOut, of: event) }
        var metadata: Logger.Metadata = ["listener": "\(listener)", "reason": "\(reason)"]
        let details = [
            "client": circumstances.client.map { "\($0)" }, "identity": circumstances.identity,
            "subject": circumstances.subject,
            "issuer": circumstances.issuer, "detail": circumstances.detail,
        ]
        for (name, text) in details { metadata[name] = text.map { "\($0.excerpt)" } }
        logger.log(level: level, message, metadata: metadata)
    }

    /// Tells how many lines were left out, of each reason that there is room for again.
    package func settle() {
        for (event, count) in budgets.settle() { tell(count, of: event) }
    }

    /// Tells how many lines were left out and are not told yet: nothing comes after it.
    package func end() {
        for (event, count) in budgets.end() { tell(count, of: event) }
    }

    private func tell(_ leftOut: Int, of event: ConnectionEvent) {
        guard let (level, message, reason) = Self.line(about: event) else { return }
        logger.log(
            level: level,
            "lines left out",
            metadata: [
                "listener": "\(listener)", "reason": "\(reason)", "event": "\(message)",
                "lines": .stringConvertible(leftOut),
            ]
        )
    }

    private static func line(about event: ConnectionEvent) -> (Logger.Level, Logger.Message, reason: String)? {
        switch event {
        case .closedByServer(let reason): (.info, "connection cut", reason.rawValue)
        case .refused(let refusal): (.warning, "connection refused", refusal.rawValue)
        case .handshakeFailed(let failure): (failure.isDenial ? .warning : .info, "handshake failed", failure.rawValue)
        case .acceptingPaused(let pause): (.warning, "accepting paused", pause.rawValue)
        case .streamRefused: (.info, "stream refused", "too_many_answers")
        case .streamRejected: (.info, "stream rejected", "malformed_request")
        case .opened, .closed, .acceptingResumed, .handshakeCompleted: nil
        }
    }
}

extension ConnectionEvent.HandshakeFailure {
    /// Whether a client that meant to ask the server could not, and not merely somebody who looks what is there.
    fileprivate var isDenial: Bool {
        switch self {
        case .notTLS, .abandoned, .protocolError: false
        default: true
        }
    }
}
