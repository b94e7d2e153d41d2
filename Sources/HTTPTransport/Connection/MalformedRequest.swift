// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOHTTP2

/// A request of HTTP/2 whose stream swift-nio-http2 has reset, as it is malformed (RFC 9113 §8.1.1): nobody can answer it.
enum MalformedRequest {
    /// What is wrong with the request that an error is about; nil if the error is about something else.
    static func reason(of error: any Error) -> String? {
        switch error {
        case let error as NIOHTTP2Errors.ForbiddenHeaderField: "it may not have the field \(error.name)"
        case let error as NIOHTTP2Errors.InvalidHTTP2HeaderFieldName: "it has a field of the name '\(error.fieldName)'"
        case let error as NIOHTTP2Errors.InvalidHTTP2HeaderFieldValue: "its field \(error.name) has a bad value"
        case let error as NIOHTTP2Errors.InvalidPseudoHeaderValue: "its field \(error.name) has a bad value"
        case let error as NIOHTTP2Errors.UnknownPseudoHeader: "it has an unknown field \(error.name)"
        case let error as NIOHTTP2Errors.UnsupportedPseudoHeader: "it has an unknown field \(error.name)"
        case let error as NIOHTTP2Errors.DuplicatePseudoHeader: "it has the field \(error.name) twice"
        case let error as NIOHTTP2Errors.PseudoHeaderAfterRegularHeader: "its field \(error.name) comes too late"
        case is NIOHTTP2Errors.EmptyPathHeader: "its path is empty"
        case is NIOHTTP2Errors.InvalidPseudoHeaders: "it lacks :method, :scheme or :path, or has one too many"
        case is NIOHTTP2Errors.ContentLengthViolated: "its content is not as long as it says"
        case is NIOHTTP2Errors.ContentLengthHeadersMismatch, is NIOHTTP2Errors.ContentLengthHeaderNegative,
            is NIOHTTP2Errors.ContentLengthHeaderMalformedValue:
            "its content-length is not one number"
        default: nil
        }
    }
}
