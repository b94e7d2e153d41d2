// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPSemantics
internal import HTTPService
internal import NIOCore
internal import NIOHPACK
internal import NIOHTTP2

extension Request {
    /// The request that an HTTP/2 header list makes.
    ///
    /// swift-nio-http2 has checked the list (RFC 9113 §8.3).
    /// `:scheme` says nothing here: Envoy sends `http` over TLS too (envoyproxy/envoy#29824).
    ///
    /// - Parameters:
    ///   - headers: The list.
    ///   - selection: Which of them are read besides those that every service reads.
    init(_ headers: HPACKHeaders, reading selection: FieldSelection) {
        var method = Method.other("")
        var target = ""
        var fields = RequestFields()
        for (name, value, _) in headers {
            switch name {
            case ":method": method = Method(value)
            case ":path": target = value
            case ":authority", "host": fields.add(authority: value)
            default: fields.add(name: name, value: value, reading: selection)
            }
        }
        self.init(method: method, target: RequestTarget(originForm: target), fields: fields)
    }
}

extension HeadLimits {
    /// The answer to an HTTP/2 header list that is beyond them, or whose authority names no host (RFC 9113 §8.3.1); nil if it is
    /// neither.
    ///
    /// On HTTP/1.x the parser looks to that.
    func refusal(of headers: HPACKHeaders, for authority: String?) -> Response? {
        let path = headers.first(name: ":path") ?? ""
        guard path.utf8.count <= requestLine else {
            return .problem(.uriTooLong, detail: "The path has more than \(requestLine) bytes.")
        }
        guard headers.count <= fieldCount,
            headers.allSatisfy({ $0.name.utf8.count + $0.value.utf8.count <= fieldLine })
        else {
            return .problem(
                .requestHeaderFieldsTooLarge,
                detail: "The head has more than \(fieldCount) fields, or one of more than \(fieldLine) bytes."
            )
        }
        if let authority, !authority.isEmpty, !AuthoritySyntax.isValid(authority) {
            return .problem(.badRequest, detail: "The authority is not a host and at most a port.")
        }
        return nil
    }
}

extension HPACKHeaders {
    /// What differs from one part of a module to the next.
    private static let fieldsOfParts: Set<String> = ["content-range", "content-length"]

    /// A response's head as an HTTP/2 header list.
    ///
    /// What other answers repeat is put into HPACK's table: finding it there was measured to cost a quarter of encoding it. What
    /// they hardly will is not: it would be looked for in vain, and push the others out (RFC 7541 §6.2.2).
    init(_ head: ResponseHead, date: String) {
        self.init()
        reserveCapacity(head.fields.count + 2)
        add(name: ":status", value: "\(head.status.rawValue)")
        let isPart = head.status == .partialContent
        for field in head.fields {
            let isOfPart = isPart && Self.fieldsOfParts.contains(field.name)
            add(name: field.name, value: field.value, indexing: isOfPart ? .nonIndexable : .indexable)
        }
        add(name: "date", value: date)
    }
}

extension Response.Body {
    /// The content, shared with all that send it; nil where there is none.
    var buffer: ByteBuffer? {
        switch self {
        case .none: nil
        case .bytes(let bytes): bytes.buffer
        case .blob(let blob, let range): blob.slice(range)
        }
    }
}

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
