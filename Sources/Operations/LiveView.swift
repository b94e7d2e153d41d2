// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
package import HTTPSemantics
package import HTTPService
internal import Synchronization

/// Documents that tell how things are now, each rendered for one request, as its query says: a page for a person.
///
/// They are rendered one after another on one thread, so that they take one processor at most, and event loops none of it. There is a
/// limit to how many wait for that, and to the memory of those that are still being sent.
package final class ViewRenderer: Sendable {
    /// A document that was rendered.
    package struct Document: Sendable {
        /// Its status.
        package let status: Status
        /// Its media type.
        package let mediaType: String
        /// Further fields of the answer.
        package let fields: [ResponseHead.Field]
        /// Its bytes.
        package let bytes: [UInt8]

        /// A document from its parts.
        package init(_ status: Status, _ mediaType: String, fields: [ResponseHead.Field] = [], _ bytes: [UInt8]) {
            (self.status, self.mediaType, self.fields, self.bytes) = (status, mediaType, fields, bytes)
        }

        /// An error, with a sentence that says what to do.
        package static func problem(_ status: Status, detail: String) -> Document {
            let response = Response.problem(status, detail: detail)
            return Document(
                status,
                response.head["content-type"] ?? "application/json",
                fields: [NegotiatedDocument.vary],
                response.shortContent
            )
        }
    }

    /// How many requests may wait.
    private static let mostWaiting = 64
    /// How many bytes may be on their way to clients.
    private static let mostBytes = 16 << 20

    private let whenIdle: @Sendable () -> Void
    private let waiting = Mutex(0)
    private let versions = DocumentVersions(limit: mostBytes)
    private let thread = DedicatedThread(label: "wasm-server.views")

    /// A renderer that has nothing to do yet.
    ///
    /// - Parameter whenIdle: Is called, on its thread, when nobody waits any more: what requests have shared is needed no longer.
    package init(whenIdle: @escaping @Sendable () -> Void = {}) { self.whenIdle = whenIdle }

    /// Renders a document for a request, after those that were asked for before it.
    func answer(to request: Request, _ render: @escaping @Sendable (Request) -> Document) -> DeferredResponse {
        let response = DeferredResponse()
        let isFull = waiting.withLock { waiting in
            guard waiting < Self.mostWaiting else { return true }
            waiting += 1
            return false
        }
        guard !isFull else {
            response.deliver(Self.busy("Too many ask for this at a time; ask again."))
            return response
        }
        thread.perform { [self] in
            defer {
                let left = waiting.withLock { waiting in
                    waiting -= 1
                    return waiting
                }
                if left == 0 { whenIdle() }
            }
            guard versions.haveRoom else {
                response.deliver(Self.busy("Too much of this is being sent; ask again."))
                return
            }
            let document = render(request)
            response.deliver(
                .document(document.status, document.mediaType, versions.next(document.bytes), fields: document.fields)
            )
        }
        return response
    }

    private static func busy(_ detail: String) -> Response {
        .problem(.serviceUnavailable, detail: detail, fields: [ResponseHead.Field("retry-after", "1")])
    }
}

/// One of the documents of a renderer.
package struct LiveView: OperationsDocument {
    private let renderer: ViewRenderer
    private let render: @Sendable (Request) -> ViewRenderer.Document

    /// A document that is rendered by a function, which may take its time.
    package init(by renderer: ViewRenderer, _ render: @escaping @Sendable (Request) -> ViewRenderer.Document) {
        (self.renderer, self.render) = (renderer, render)
    }

    package func answer(to request: Request) -> DeferredResponse { renderer.answer(to: request, render) }
}
