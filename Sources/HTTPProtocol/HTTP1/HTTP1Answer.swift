// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPService

/// An answer on an HTTP/1.x connection, and what becomes of the connection with it.
struct HTTP1Answer {
    /// What is answered.
    let exchange: PendingExchange
    /// The answer.
    let response: Response
    /// Whether the connection ends with it.
    let isLast: Bool

    private static let close = Array("connection: close\r\n".utf8)
    private static let keepAlive = Array("connection: keep-alive\r\n".utf8)
    private static let emptyLine = Array("\r\n".utf8)

    /// Up to how many bytes of content are copied behind the head: that costs less than another piece to send.
    private static let mostCopied = 4 << 10

    /// Whether its content is sent from where it is; if not, it is but a few bytes.
    var sharesContent: Bool {
        switch exchange.content {
        case .blob: true
        case .bytes(let bytes): bytes.count > Self.mostCopied
        case .none: false
        }
    }

    /// Adds it to what is to be sent.
    func append(to output: OutputQueue, date: DateField) {
        output.append { bytes in
            bytes += response.head.http1
            bytes += date.line
            if isLast {
                bytes += Self.close
            } else if exchange.version == .http10 {
                bytes += Self.keepAlive
            }
            bytes += Self.emptyLine
            if case .bytes(let content) = exchange.content, !sharesContent {
                unsafe bytes.append(contentsOf: content.memory)
            }
        }
        if sharesContent { output.append(exchange.content) }
        output.appendEnd(of: exchange)
    }
}
