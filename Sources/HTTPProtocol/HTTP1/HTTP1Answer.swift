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

    private static let close = Array("connection: close\r\n\r\n".utf8)
    private static let keepAlive = Array("connection: keep-alive\r\n\r\n".utf8)

    /// Whether its content is sent from where it is; if not, it is but a few bytes.
    var sharesContent: Bool { exchange.contentLength > response.shortContent.count }

    /// Adds it to what is to be sent.
    func append(to output: OutputQueue, date: DateField) {
        output.append { bytes in
            bytes += response.head.http1
            if isLast {
                bytes += date.line
                bytes += Self.close
            } else if exchange.version == .http10 {
                bytes += date.line
                bytes += Self.keepAlive
            } else {
                bytes += date.lastLine
            }
            if !exchange.isHeadOnly { bytes += response.shortContent }
        }
        if sharesContent { output.append(exchange.content) }
        output.appendEnd(of: exchange)
    }
}
