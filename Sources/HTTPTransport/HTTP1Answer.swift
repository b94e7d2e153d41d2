// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPSemantics
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

    /// The head, and behind it the content if that is but a few bytes.
    func head(allocator: ByteBufferAllocator, date: [UInt8]) -> ByteBuffer {
        let prepared = exchange.response.head.http1
        let content = smallContent
        var buffer = allocator.buffer(capacity: prepared.count + Self.additionalBytes + content.count)
        buffer.writeBytes(prepared)
        buffer.writeBytes(date)
        if isLast {
            buffer.writeBytes(Self.close)
        } else if exchange.version == .http10 {
            buffer.writeBytes(Self.keepAlive)
        }
        buffer.writeBytes(Self.emptyLine)
        buffer.writeBytes(content)
        return buffer
    }

    /// The content that follows the head, if it is part of a module.
    var blob: (SealedBlob, Range<Int>)? {
        guard !exchange.isHeadOnly, case .blob(let blob, let range) = exchange.response.body else { return nil }
        return (blob, range)
    }

    private var smallContent: [UInt8] {
        guard !exchange.isHeadOnly, case .bytes(let bytes) = exchange.response.body else { return [] }
        return bytes
    }
}
