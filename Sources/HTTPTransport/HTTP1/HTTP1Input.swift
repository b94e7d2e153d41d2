// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics
internal import HTTPService
internal import NIOCore

/// What an HTTP/1.x client has sent and nobody has answered yet.
struct HTTP1Input {
    /// The bytes of heads that were not taken off.
    private(set) var received = ByteBuffer()
    private var scanner: HTTP1HeadScanner
    private let selection: FieldSelection

    init(limits: HeadLimits, reading selection: FieldSelection = FieldSelection()) {
        scanner = HTTP1HeadScanner(limits: limits)
        self.selection = selection
    }

    /// Whether nothing was received since the last head.
    var isEmpty: Bool { received.readableBytes == 0 }

    /// Adds what was received.
    mutating func append(_ bytes: ByteBuffer) {
        guard !isEmpty else {
            received = bytes
            return
        }
        var bytes = bytes
        received.discardReadBytes()
        received.writeBuffer(&bytes)
    }

    /// Takes the next head off; nil as long as it is not complete.
    mutating func nextHead() throws(HTTP1HeadError) -> HTTP1Head? {
        let buffer = received
        let bytes = buffer.readableBytesUInt8Span
        guard let end = try scanner.end(in: bytes) else { return nil }
        let head = try HTTP1HeadParser.parse(bytes.extracting(..<end), lines: scanner.lines, reading: selection)
        received.moveReaderIndex(forwardBy: end)
        // Nothing of it is held while it is answered, or while the client sends nothing more.
        if isEmpty { clear() }
        scanner.reset()
        return head
    }

    /// What can be read of a head that is refused or not complete, for the log.
    var excerpt: Request? {
        let buffer = received
        return HTTP1Excerpt.request(in: buffer.readableBytesUInt8Span, reading: selection)
    }

    /// Throws away what was received.
    mutating func clear() {
        received = ByteBuffer()
    }
}

/// The head of an HTTP/1.1 request, checked (RFC 9112 §3, §5).
struct HTTP1Head: Sendable {
    /// The request that it makes.
    let request: Request
    /// HTTP/1.0 or HTTP/1.1.
    let version: Exchange.ProtocolVersion
    /// Whether the client wants to send another request on this connection (RFC 9112 §9.3).
    let keepsAlive: Bool
    /// Whether content follows; it is never parsed, so the connection ends with the answer.
    let hasContent: Bool
}

/// Why a head is refused.
struct HTTP1HeadError: Error, Equatable {
    /// The status of the answer.
    let status: Status
    /// What is wrong, for the client's author.
    let detail: String

    static func malformed(_ detail: String) -> HTTP1HeadError {
        HTTP1HeadError(status: .badRequest, detail: detail)
    }

    /// A proxy in between has put its header in front.
    static let proxyProtocol = malformed(
        "A header of the PROXY protocol was sent, which is not spoken here; have the load balancer in between send none."
    )
}
