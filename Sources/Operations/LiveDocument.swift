// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import Dispatch
internal import HTTPSemantics
package import HTTPService
internal import Synchronization

/// A document that tells how things are now, written by a thread of its own: with thousands of modules or clients that takes a while,
/// and event loops have modules to serve.
///
/// One is written at a time. Whoever asks meanwhile waits for the next one, which they all share: no value is older than their requests.
/// Only where those that are still being sent take much memory, the last one is sent again: that is over as soon as the others are
/// taken or have had their time.
package final class LiveDocument: OperationsDocument {
    private struct State {
        var isWriting = false
        /// Who waits for the next version.
        var waiting: [DeferredResponse] = []
        /// The last version, where there is no room for another.
        var last: Response?
    }

    /// How many bytes versions may take that are still being sent, before whoever asks gets the last one.
    private static let mostBytes = 16 << 20

    private let mediaType: String
    private let fields: [ResponseHead.Field]
    private let write: @Sendable () -> [UInt8]
    private let state = Mutex(State())
    private let versions = DocumentVersions(limit: mostBytes)
    private let thread = DedicatedThread(label: "wasm-server.document")

    /// A document, written by a function that may take its time.
    ///
    /// - Parameters:
    ///   - mediaType: Its media type.
    ///   - fields: Further fields of the answer.
    ///   - write: Writes it.
    package init(_ mediaType: String, fields: [ResponseHead.Field] = [], write: @escaping @Sendable () -> [UInt8]) {
        (self.mediaType, self.fields, self.write) = (mediaType, fields, write)
    }

    /// A version that tells how things are now, or a little later; the same for everyone.
    package func answer(to request: Request) -> DeferredResponse {
        let response = DeferredResponse()
        let mustStart = state.withLock { state in
            state.waiting.append(response)
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if mustStart { thread.perform { self.writeAll() } }
        return response
    }

    private func writeAll() {
        while true {
            let waiting: [DeferredResponse] = state.withLock { state in
                defer { state.waiting = [] }
                if state.waiting.isEmpty { state.isWriting = false }
                return state.waiting
            }
            guard !waiting.isEmpty else { return }
            let version = nextVersion()
            for response in waiting { response.deliver(version) }
        }
    }

    private func nextVersion() -> Response {
        if !versions.haveRoom, let last = state.withLock(\.last) { return last }
        let version = Response.document(.ok, mediaType, versions.next(write()), fields: fields)
        let isFull = !versions.haveRoom
        state.withLock { $0.last = isFull ? version : nil }
        return version
    }
}
