// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Content
internal import HPACK
package import HTTPSemantics

/// An answer.
///
/// The same answer serves `GET` and `HEAD`: to `HEAD` the transport sends the head alone (RFC 9110 §9.3.2). What is asked for often
/// is made once, and each request refers to it.
package final class Response: Sendable {
    /// What follows the head.
    package enum Body: Sendable {
        case none
        /// A document, or another small text.
        case bytes(SharedBytes)
        /// Sealed bytes, or a part of them.
        case blob(SealedBlob, Range<Int>)

        /// In bytes.
        package var count: Int {
            switch self {
            case .none: 0
            case .bytes(let bytes): bytes.count
            case .blob(_, let range): range.count
            }
        }
    }

    /// The status and the fields.
    package let head: ResponseHead
    /// The content.
    package let body: Body
    /// How much content there is, in bytes.
    package let contentLength: Int
    /// A copy of content that is so short that it is sent with the head; empty if it is sent from where it is.
    package let shortContent: [UInt8]
    /// What was asked for; nil if the answer is about nothing that is served.
    package let resource: RequestedResource?
    /// Why the answer is an error, for the log; nil if it is none.
    package let reason: String?

    /// Up to how many bytes of content are copied behind the head: that costs less than another piece to send.
    private static let mostCopied = 4 << 10

    /// An answer from its parts.
    package init(head: ResponseHead, body: Body, resource: RequestedResource? = nil, reason: String? = nil) {
        self.head = head
        self.body = body
        contentLength = body.count
        if case .bytes(let bytes) = body, bytes.count <= Self.mostCopied {
            shortContent = unsafe Array(bytes.memory)
        } else {
            shortContent = []
        }
        self.resource = resource
        self.reason = reason
    }
}

/// A status and its fields, rendered once for both protocol versions.
///
/// `Date` and what concerns one connection are missing: the transport adds them.
package final class ResponseHead: Sendable {
    /// A field line; the name is in lowercase, as HTTP/2 demands (RFC 9113 §8.2).
    package struct Field: Hashable, Sendable {
        /// The name, in lowercase.
        package let name: String
        /// The value.
        package let value: String

        /// A field line of a lowercase name and a value.
        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The status.
    package let status: Status
    /// The fields, in the order in which they are sent.
    package let fields: [Field]
    /// The status line and the field lines as HTTP/1.1 sends them, up to but without the empty line.
    package let http1: [UInt8]
    /// The status and the fields as a part of a header block of HTTP/2, which any connection may send at any time (RFC 7541).
    package let http2: [UInt8]

    /// Renders a head.
    package init(_ status: Status, _ fields: [Field]) {
        self.status = status
        self.fields = fields
        let lines = fields.map { "\($0.name): \($0.value)\r\n" }.joined()
        http1 = Array("HTTP/1.1 \(status.rawValue) \(status.reasonPhrase)\r\n\(lines)".utf8)
        var block = HeaderBlockEncoder()
        block.append(name: ":status", value: "\(status.rawValue)")
        for field in fields { block.append(name: field.name, value: field.value) }
        http2 = block.block
    }

    /// The value of a field.
    package subscript(_ name: String) -> String? {
        fields.first { $0.name == name }?.value
    }
}

extension Response {
    /// A document that was made for this answer and that nobody is to keep; of an error, with its reason.
    package static func document(
        _ status: Status,
        _ mediaType: String,
        _ content: SharedBytes,
        fields: [ResponseHead.Field] = [],
        resource: RequestedResource? = nil,
        reason: String? = nil
    ) -> Response {
        let own = [
            ResponseHead.Field("content-type", mediaType),
            ResponseHead.Field("content-length", "\(content.count)"),
            ResponseHead.Field("cache-control", "no-store"),
            ResponseHead.Field("x-content-type-options", "nosniff"),
        ]
        return Response(
            head: ResponseHead(status, own + fields),
            body: .bytes(content),
            resource: resource,
            reason: reason
        )
    }

    /// A line of plain text that nobody is to keep.
    package static func text(_ text: String) -> Response {
        .document(.ok, "text/plain; charset=utf-8", SharedBytes(Array("\(text)\n".utf8)))
    }
}
