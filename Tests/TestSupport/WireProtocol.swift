// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore
internal import NIOSSL

/// The protocols that one test body runs on.
package enum WireProtocol: String, CaseIterable, Sendable, CustomStringConvertible {
    case http1 = "HTTP/1.1"
    case http1OverTLS = "HTTP/1.1 over TLS"
    case h2c = "h2c"
    case h2 = "h2"

    /// HTTP/1.1, plain and encrypted.
    package static let ofHTTP1 = allCases.filter { !$0.isHTTP2 }
    /// HTTP/2, plain and encrypted.
    package static let ofHTTP2 = allCases.filter(\.isHTTP2)

    /// Whether it is a kind of HTTP/2.
    package var isHTTP2: Bool { self == .h2c || self == .h2 }

    /// Whether it is encrypted.
    package var isEncrypted: Bool { self == .http1OverTLS || self == .h2 }

    /// The protocol's name.
    package var description: String { rawValue }

    /// Has a new connection encrypted if the protocol is.
    ///
    /// Any certificate will do: trust is tested with other clients.
    ///
    /// - Parameters:
    ///   - channel: The connection.
    ///   - pair: The certificate and the key that the client presents; nil for none.
    /// - Throws: If the files cannot be used.
    func secure(_ channel: any Channel, presenting pair: TestCertificates.Pair? = nil) throws {
        guard isEncrypted else { return }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        configuration.applicationProtocols = [isHTTP2 ? "h2" : "http/1.1"]
        if let pair {
            configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(pair.certificate).map {
                .certificate($0)
            }
            configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: pair.key, format: .pem))
        }
        let context = try NIOSSLContext(configuration: configuration)
        try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: context, serverHostname: nil))
    }
}
