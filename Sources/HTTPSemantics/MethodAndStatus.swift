// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

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

    /// The token.
    package var token: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .other(let token): token
        }
    }

    /// Whether what follows the request is not meant as HTTP (RFC 9110 §9.3.6).
    package var asksForTunnel: Bool { self == .other("CONNECT") }

    /// Whether it is one of the two that are answered here: the network only reads.
    package var isRead: Bool { self == .get || self == .head }
}

/// The status codes that this server sends (RFC 9110 §15, RFC 6585).
package enum Status: Int, Sendable {
    case ok = 200
    case partialContent = 206
    case notModified = 304
    case badRequest = 400
    case forbidden = 403
    case notFound = 404
    case methodNotAllowed = 405
    case requestTimeout = 408
    case preconditionFailed = 412
    case uriTooLong = 414
    case rangeNotSatisfiable = 416
    case misdirectedRequest = 421
    case requestHeaderFieldsTooLarge = 431
    case serviceUnavailable = 503
    case httpVersionNotSupported = 505

    /// Whether the client got something else than it asked for (RFC 9110 §15.5, §15.6).
    package var isError: Bool { rawValue >= 400 }

    /// Whether the request could have been answered, and was not (RFC 9110 §15.6).
    package var isServerError: Bool { rawValue >= 500 }

    /// The phrase that goes with the code.
    package var reasonPhrase: String {
        switch self {
        case .ok: "OK"
        case .partialContent: "Partial Content"
        case .notModified: "Not Modified"
        case .badRequest: "Bad Request"
        case .forbidden: "Forbidden"
        case .notFound: "Not Found"
        case .methodNotAllowed: "Method Not Allowed"
        case .requestTimeout: "Request Timeout"
        case .preconditionFailed: "Precondition Failed"
        case .uriTooLong: "URI Too Long"
        case .rangeNotSatisfiable: "Range Not Satisfiable"
        case .misdirectedRequest: "Misdirected Request"
        case .requestHeaderFieldsTooLarge: "Request Header Fields Too Large"
        case .serviceUnavailable: "Service Unavailable"
        case .httpVersionNotSupported: "HTTP Version Not Supported"
        }
    }
}
