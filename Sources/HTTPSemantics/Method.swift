// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content

/// A request's method, as far as this server tells them apart (RFC 9110 §9).
package enum Method: Hashable, Sendable {
    case get
    case head
    /// Any other token; nothing here has it.
    case other(String)

    /// The method that a token names; methods are case-sensitive (RFC 9110 §9.1).
    package init(_ token: String) {
        self =
            switch token {
            case "GET": .get
            case "HEAD": .head
            default: .other(token)
            }
    }

    /// The method that the bytes of a token name.
    package init(_ token: Span<UInt8>) {
        self =
            if token.isEqual(to: "GET") {
                .get
            } else if token.isEqual(to: "HEAD") {
                .head
            } else {
                .other(unsafe token.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) })
            }
    }

    /// The token.
    package var token: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .other(let token): token
        }
    }

    /// Whether what follows the request is not meant as HTTP (RFC 9110 §9.3.6).
    package var asksForTunnel: Bool {
        guard case .other(let token) = self else { return false }
        return token == "CONNECT"
    }

    /// Whether it is one of the two that are answered here: the network only reads.
    package var isRead: Bool {
        switch self {
        case .get, .head: true
        case .other: false
        }
    }
}
