// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPService

@testable import HTTPProtocol
@testable import HTTPTransport

extension ConnectionRegistry {
    /// A registry of a responder's, on a thread of its own.
    static func of(
        _ responder: any Responder,
        observer: LiveServer.Recorder = LiveServer.Recorder(),
        limits: Limits = .timeless,
        schedule: @escaping Schedule
    ) -> ConnectionRegistry {
        let listener = ListenerContext(
            responder: responder,
            observer: observer,
            limits: limits,
            date: DateField { LiveServer.now },
            selection: FieldSelection()
        )
        let counter = ConnectionCounter(limit: limits.connections.count, now: limits.deadlines.now)
        return ConnectionRegistry(of: 1, listener: listener, counter: counter, schedule: schedule)
    }
}
