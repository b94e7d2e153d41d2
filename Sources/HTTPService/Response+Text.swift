// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPSemantics

extension Response {
    /// A line of plain text that nobody is to keep.
    package static func text(_ text: String) -> Response {
        let content = Array("\(text)\n".utf8)
        let fields = [
            ResponseHead.Field("content-type", "text/plain; charset=utf-8"),
            ResponseHead.Field("content-length", "\(content.count)"),
            ResponseHead.Field("cache-control", "no-store"),
            ResponseHead.Field("x-content-type-options", "nosniff"),
        ]
        return Response(head: ResponseHead(.ok, fields), body: .bytes(SharedBytes(content)))
    }
}
