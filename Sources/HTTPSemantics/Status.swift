// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

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
