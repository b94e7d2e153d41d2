// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics

extension Response {
    /// A document that was made for this answer and that nobody is to keep.
    static func document(_ status: Status, _ mediaType: String, _ content: [UInt8]) -> Response {
        let fields = [
            ResponseHead.Field("content-type", mediaType),
            ResponseHead.Field("content-length", "\(content.count)"),
            ResponseHead.Field("cache-control", "no-store"),
            ResponseHead.Field("x-content-type-options", "nosniff"),
        ]
        return Response(head: ResponseHead(status, fields), body: .bytes(content))
    }
}
