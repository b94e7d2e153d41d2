// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics
package import HTTPService
internal import Metrics

/// Counts what happens to a listener's connections.
package final class ConnectionMetrics: ConnectionObserver {
    private let open: Meter
    private let accepted: Counter
    /// What else can happen; every event is there from the beginning.
    private let events: [ConnectionEvent: Counter]

    init(of listener: Listener, in factory: any MetricsFactory) {
        let label = ("listener", listener.rawValue)
        func counter(_ name: MetricName, _ key: String, _ value: String) -> Counter {
            name.counter([label, (key, value)], in: factory)
        }
        open = MetricName.openConnections.gauge([label], in: factory)
        accepted = MetricName.connections.counter([label], in: factory)
        var events: [ConnectionEvent: Counter] = [:]
        for reason in ConnectionEvent.CloseReason.allCases {
            events[.closedByServer(reason)] = counter(.connectionsCut, "reason", reason.rawValue)
        }
        for refusal in ConnectionEvent.Refusal.allCases {
            events[.refused(refusal)] = counter(.connectionsRefused, "reason", refusal.rawValue)
        }
        for pause in ConnectionEvent.Pause.allCases {
            events[.acceptingPaused(pause)] = counter(.acceptingPaused, "reason", pause.rawValue)
        }
        events[.streamRefused] = MetricName.streamsRefused.counter([label], in: factory)
        events[.streamRejected] = MetricName.streamsRejected.counter([label], in: factory)
        if listener == .tls {
            events[.handshakeCompleted] = counter(.handshakes, "result", "ok")
            for failure in ConnectionEvent.HandshakeFailure.allCases {
                events[.handshakeFailed(failure)] = counter(.handshakes, "result", failure.rawValue)
            }
        }
        self.events = events
    }

    /// Counts an event.
    package func connectionChanged(_ event: ConnectionEvent, _ circumstances: ConnectionEvent.Circumstances) {
        switch event {
        case .opened:
            accepted.increment()
            open.increment()
        case .closed:
            open.decrement()
        case .acceptingResumed:
            break
        case .closedByServer, .refused, .streamRefused, .streamRejected, .acceptingPaused, .handshakeCompleted,
            .handshakeFailed:
            events[event]?.increment()
        }
    }
}
