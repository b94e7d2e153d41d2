// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPService
import Synchronization

/// Answers `/now` at once, and every other path when the test says so.
final class PromisingResponder: Responder {
    private struct State {
        var answers: [String: DeferredResponse] = [:]
        var asked: Set<String> = []
        var waiting: [String: CheckedContinuation<Void, Never>] = [:]

        mutating func answer(to path: String) -> DeferredResponse {
            let answer = answers[path] ?? DeferredResponse()
            answers[path] = answer
            return answer
        }
    }

    private let state = Mutex(State())

    func respond(to request: Request, from client: ClientAddress) -> Reply {
        if request.path == "/now" { return .now(.text("now")) }
        let (answer, waiting) = state.withLock { state in
            state.asked.insert(request.path)
            return (state.answer(to: request.path), state.waiting.removeValue(forKey: request.path))
        }
        waiting?.resume()
        return .later(answer)
    }

    /// Waits until a path is asked for.
    func awaitRequest(for path: String) async {
        await withCheckedContinuation { continuation in
            let isAsked = state.withLock { state in
                let isAsked = state.asked.contains(path)
                if !isAsked { state.waiting[path] = continuation }
                return isAsked
            }
            if isAsked { continuation.resume() }
        }
    }

    /// Whether a path was asked for.
    func wasAsked(for path: String) -> Bool {
        state.withLock { $0.asked.contains(path) }
    }

    /// Delivers the answer for a path: unless another is given, the path as a line of text.
    func deliver(_ path: String, _ response: Response? = nil) {
        state.withLock { $0.answer(to: path) }.deliver(response ?? .text(path))
    }
}
