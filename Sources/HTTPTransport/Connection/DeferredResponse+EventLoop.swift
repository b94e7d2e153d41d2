// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPService
internal import NIOCore

extension DeferredResponse {
    /// Has the answer handed over on an event loop, never before this returns.
    ///
    /// - Parameters:
    ///   - eventLoop: The event loop, on which this is called.
    ///   - receiver: Is given the answer; it is held until then.
    func whenDelivered(on eventLoop: any EventLoop, _ receiver: @escaping (Response) -> Void) {
        let receiver = NIOLoopBound(receiver, eventLoop: eventLoop)
        whenDelivered { response in
            eventLoop.execute { receiver.value(response) }
        }
    }
}
