// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import HTTPSemantics
package import ModuleCatalog

/// The data port's answers: modules by name and by digest, their digests, the list of them.
///
/// Whatever a client could ask for was rendered when the snapshot was; a hit is a look-up.
package struct WasmService: Responder {
    private let table: RouteTable
    private let now: @Sendable () -> HTTPDate

    /// How long a client should wait before it asks again for what is not to be had now, in seconds.
    private static let retryAfter = 1

    /// Answers from a snapshot.
    ///
    /// - Parameters:
    ///   - snapshot: What is served.
    ///   - now: Tells the present, for conditions on dates.
    package init(serving snapshot: Snapshot, now: @escaping @Sendable () -> HTTPDate) {
        table = RouteTable(snapshot, now: now())
        self.now = now
    }

    /// The answer to a request.
    ///
    /// | request | answer |
    /// |-|-|
    /// | another method than `GET` and `HEAD` | 405 |
    /// | a path that is not one | 400 |
    /// | a path that leads nowhere | 404 |
    /// | a module that was refused | 503, because a proxy tries again after a 503 and never after a 404 |
    /// | anything else | what was rendered for it |
    package func respond(to request: Request) -> Reply {
        .now(answer(to: request))
    }

    func answer(to request: Request) -> Response {
        guard request.method.isRead else { return .methodNotAllowed }
        switch RequestPath(decoding: request.path) {
        case .malformed(let reason):
            return .problem(.badRequest, detail: "The path cannot be read: \(reason).")
        case .name(let name):
            switch table[name] {
            case .representation(let representation):
                return representation.response(to: request, now: now)
            case .refused(let reason):
                return .problem(
                    .serviceUnavailable,
                    detail: "The module at this path is not served: it \(reason).",
                    fields: [ResponseHead.Field("retry-after", "\(Self.retryAfter)")]
                )
            case nil:
                return .problem(
                    .notFound,
                    detail: "There is no module at this path; GET /modules lists those there are."
                )
            }
        }
    }
}
