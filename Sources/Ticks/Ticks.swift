// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Dispatch

/// What is done now and then, for as long as the process runs.
package enum Ticks {
    /// Does something each period, on a thread where it may wait, until the task is cancelled; it is never done twice at a time.
    ///
    /// Each `Task.sleep` that ends allocates memory on one thread of Dispatch, and another keeps it until it has a thousand of
    /// them: at one a second, memory grows for an hour. A timer that goes on allocates nothing.
    package static func each(_ period: Duration, _ action: @escaping @Sendable () -> Void) async {
        let timer = Timer(period, action)
        await withTaskCancellationHandler {
            await timer.run()
        } onCancel: {
            timer.cancel()
        }
    }

    /// A timer of Dispatch.
    ///
    /// It is safe to send: all it has is a constant reference to a source, and libdispatch lets any thread activate and cancel one
    /// (dispatch_source_create(3)). Handlers are set by one thread, before the source is activated.
    private struct Timer: @unchecked Sendable {
        private let source: any DispatchSourceTimer

        init(_ period: Duration, _ action: @escaping @Sendable () -> Void) {
            source = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "wasm-server.ticks"))
            let interval = DispatchTimeInterval.nanoseconds(Int(period / .nanoseconds(1)))
            source.schedule(deadline: .now() + interval, repeating: interval)
            source.setEventHandler(handler: action)
        }

        /// Begins, and returns when it is cancelled and what it does has ended.
        func run() async {
            await withCheckedContinuation { continuation in
                source.setCancelHandler { continuation.resume() }
                source.activate()
            }
        }

        func cancel() { source.cancel() }
    }
}
