// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Dispatch
internal import HTTPSemantics
internal import HTTPService
internal import Synchronization

/// The next list of modules, rendered because someone asks for it after something else is kept.
///
/// With thousands of modules that takes a while, so it is done on a thread of its own, one at a time. Whoever asks meanwhile waits
/// for the next one, which they all share: none is older than the request for it.
final class NextList: Sendable {
    private struct Asker {
        let request: Request
        let answer: DeferredResponse
    }

    private struct State {
        var isRendering = false
        /// Who waits for the next one.
        var askers: [Asker] = []
    }

    private let now: @Sendable () -> HTTPDate
    private let state = Mutex(State())
    private let thread = DispatchQueue(label: "wasm-server.list")

    /// Nobody has asked yet.
    ///
    /// - Parameter now: Tells the present, for conditions on dates.
    init(now: @escaping @Sendable () -> HTTPDate) {
        self.now = now
    }

    /// The answer to a request, once the list is rendered.
    func answer(to request: Request, _ render: @escaping @Sendable () -> Representation) -> DeferredResponse {
        let answer = DeferredResponse()
        let mustStart = state.withLock { state in
            state.askers.append(Asker(request: request, answer: answer))
            defer { state.isRendering = true }
            return !state.isRendering
        }
        if mustStart { thread.async { self.answerAll(render) } }
        return answer
    }

    private func answerAll(_ render: () -> Representation) {
        while true {
            let askers: [Asker] = state.withLock { state in
                defer { state.askers = [] }
                if state.askers.isEmpty { state.isRendering = false }
                return state.askers
            }
            guard !askers.isEmpty else { return }
            let list = render()
            for asker in askers { asker.answer.deliver(list.response(to: asker.request, now: now)) }
        }
    }
}
