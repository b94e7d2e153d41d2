// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import Dispatch
internal import HTTPSemantics
internal import HTTPService
internal import Synchronization

/// The metrics as an answer, written by a thread of its own: with thousands of modules that takes a while.
///
/// One is written at a time. Whoever asks meanwhile waits for the next one, which they all share: no value is older than their requests.
/// Only where those that are still being sent take much memory, the last one is sent again: that is over as soon as the others are
/// taken or have had their time.
final class MetricsPage: Sendable {
    private struct State {
        var isWriting = false
        /// Who waits for the next page.
        var waiting: [DeferredResponse] = []
        /// The last page, where there is no room for another.
        var last: Response?
    }

    /// How many bytes pages may take that are still being sent, before whoever asks gets the last one.
    private static let mostBytes = 16 << 20

    private let registry: PrometheusRegistry
    private let state = Mutex(State())
    private let pages: DocumentVersions
    private let thread = DedicatedThread(label: "wasm-server.metrics")

    /// The page of a registry.
    init(of registry: PrometheusRegistry) {
        self.registry = registry
        pages = DocumentVersions(limit: Self.mostBytes)
    }

    /// A page with the values of now, or a little later.
    func next() -> DeferredResponse {
        let response = DeferredResponse()
        let mustStart = state.withLock { state in
            state.waiting.append(response)
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if mustStart { thread.perform { self.write() } }
        return response
    }

    private func write() {
        while true {
            let waiting: [DeferredResponse] = state.withLock { state in
                defer { state.waiting = [] }
                if state.waiting.isEmpty { state.isWriting = false }
                return state.waiting
            }
            guard !waiting.isEmpty else { return }
            let page = page()
            for response in waiting { response.deliver(page) }
        }
    }

    private func page() -> Response {
        if !pages.haveRoom, let last = state.withLock(\.last) { return last }
        let page = Response.document(.ok, Exposition.mediaType, pages.next(registry.exposition()))
        let isFull = !pages.haveRoom
        state.withLock { $0.last = isFull ? page : nil }
        return page
    }
}
