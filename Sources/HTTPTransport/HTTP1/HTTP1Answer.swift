// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPSemantics
internal import HTTPService
internal import NIOCore

/// An answer on an HTTP/1.x connection, and what becomes of the connection with it.
struct HTTP1Answer {
    /// What is answered.
    let exchange: PendingExchange
    /// Whether the connection ends with it.
    let isLast: Bool

    private static let close = Array("connection: close\r\n".utf8)
    private static let keepAlive = Array("connection: keep-alive\r\n".utf8)
    private static let emptyLine = Array("\r\n".utf8)
    /// What a head has besides its prepared bytes: the date, the connection's fate, the empty line.
    private static let additionalBytes = 80

    /// Up to how many bytes of content are copied behind the head: that is less than another write would cost.
    private static let mostCopied = 4 << 10

    /// Content that is written by itself: it is shared with other answers.
    enum Content {
        /// Part of a module.
        case blob(SealedBlob, Range<Int>)
        /// A document.
        case bytes(ByteBuffer)
    }

    /// The head, and behind it the content if that is but a few bytes.
    func head(allocator: ByteBufferAllocator, date: [UInt8]) -> ByteBuffer {
        let prepared = exchange.response.head.http1
        let content = copiedContent
        let count = prepared.count + Self.additionalBytes + (content?.readableBytes ?? 0)
        var buffer = allocator.buffer(capacity: count)
        buffer.writeBytes(prepared)
        buffer.writeBytes(date)
        if isLast {
            buffer.writeBytes(Self.close)
        } else if exchange.version == .http10 {
            buffer.writeBytes(Self.keepAlive)
        }
        buffer.writeBytes(Self.emptyLine)
        if let content { buffer.writeImmutableBuffer(content) }
        return buffer
    }

    /// The content that follows the head by itself; nil if there is none, or but a few bytes.
    var content: Content? {
        guard !exchange.isHeadOnly else { return nil }
        switch exchange.response.body {
        case .blob(let blob, let range): return .blob(blob, range)
        case .bytes(let bytes) where bytes.count > Self.mostCopied: return .bytes(bytes.buffer)
        case .bytes, .none: return nil
        }
    }

    private var copiedContent: ByteBuffer? {
        guard !exchange.isHeadOnly, case .bytes(let bytes) = exchange.response.body, bytes.count <= Self.mostCopied
        else { return nil }
        return bytes.buffer
    }
}
