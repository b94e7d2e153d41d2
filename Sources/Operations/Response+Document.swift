// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPSemantics
internal import HTTPService

extension Response {
    /// A document that was made for this answer and that nobody is to keep.
    ///
    /// - Parameters:
    ///   - status: The status.
    ///   - mediaType: What kind of document it is.
    ///   - content: Its bytes.
    ///   - reason: Why it tells of an error, if it does.
    /// - Returns: The answer.
    static func document(
        _ status: Status,
        _ mediaType: String,
        _ content: SharedBytes,
        reason: String? = nil
    ) -> Response {
        let fields = [
            ResponseHead.Field("content-type", mediaType),
            ResponseHead.Field("content-length", "\(content.count)"),
            ResponseHead.Field("cache-control", "no-store"),
            ResponseHead.Field("x-content-type-options", "nosniff"),
        ]
        return Response(head: ResponseHead(status, fields), body: .bytes(content), reason: reason)
    }
}
