// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOHTTP1
internal import NIOSSL

extension SiblingError {
    /// What an error of a connection says about the sibling.
    ///
    /// - Parameters:
    ///   - error: The error.
    ///   - otherwise: What it comes to if it is neither of HTTP nor of TLS.
    init(_ error: any Error, otherwise: SiblingError) {
        self =
            switch error {
            case let error as SiblingError: error
            case HTTPParserError.invalidEOFState, NIOSSLError.uncleanShutdown: .cut
            case is HTTPParserError: .malformed("it is not HTTP/1.1")
            case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: .untrusted("\(error)")
            default: otherwise
            }
    }
}
