// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPSemantics
internal import HTTPService

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
