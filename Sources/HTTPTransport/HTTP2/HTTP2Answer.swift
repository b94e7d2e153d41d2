// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics
internal import HTTPService
internal import NIOCore
internal import NIOHPACK
internal import NIOHTTP2

/// The frames of an answer on an HTTP/2 connection.
struct HTTP2Answer {
    /// The fields.
    let head: HTTP2Frame.FramePayload
    /// The content; nil if there is none, or if only the head is wanted.
    let content: HTTP2Frame.FramePayload?

    init(_ exchange: PendingExchange, date: String) {
        let response = exchange.response
        let content = exchange.isHeadOnly ? nil : response.body.buffer
        let fields = HPACKHeaders(response.head, date: date)
        head = .headers(.init(headers: fields, endStream: content == nil))
        self.content = content.map { .data(.init(data: .byteBuffer($0), endStream: true)) }
    }
}

extension ChannelHandlerContext {
    /// Writes a frame.
    func write(
        _ payload: HTTP2Frame.FramePayload,
        on stream: HTTP2StreamID,
        promise: EventLoopPromise<Void>? = nil
    ) {
        write(NIOAny(HTTP2Frame(streamID: stream, payload: payload)), promise: promise)
    }
}
