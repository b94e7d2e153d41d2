// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Synchronization

/// An answer that comes later, from whatever thread finds it.
///
/// It is delivered once and received once, in either order. Whoever makes one sees to it that it is delivered in bounded time.
package final class DeferredResponse: Sendable {
    private enum State {
        case open
        case delivered(Response)
        case awaited(@Sendable (Response) -> Void)
        case done
    }

    private let state = Mutex(State.open)

    /// An answer that is not known yet.
    package init() {}

    /// Delivers the answer; any further one is dropped.
    package func deliver(_ response: Response) {
        let receiver: (@Sendable (Response) -> Void)? = state.withLock { state in
            switch state {
            case .open:
                state = .delivered(response)
                return nil
            case .awaited(let receiver):
                state = .done
                return receiver
            case .delivered, .done:
                return nil
            }
        }
        receiver?(response)
    }

    /// Hands the answer over: at once if it is there, otherwise on the thread that delivers it.
    ///
    /// Only the first receiver gets it.
    package func whenDelivered(_ receiver: @escaping @Sendable (Response) -> Void) {
        let response: Response? = state.withLock { state in
            switch state {
            case .open:
                state = .awaited(receiver)
                return nil
            case .delivered(let response):
                state = .done
                return response
            case .awaited, .done:
                return nil
            }
        }
        if let response { receiver(response) }
    }
}
