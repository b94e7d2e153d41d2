// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOSSL

/// Whom a client of TLS believes, and as whom it presents itself.
package struct Trust: Sendable {
    private let authorities: NIOSSLTrustRoots
    private let chain: [NIOSSLCertificateSource]
    private let key: NIOSSLPrivateKeySource?

    /// The authorities that the system trusts, and no certificate of its own.
    package static let system = Trust(authorities: .default, chain: [], key: nil)

    private init(authorities: NIOSSLTrustRoots, chain: [NIOSSLCertificateSource], key: NIOSSLPrivateKeySource?) {
        (self.authorities, self.chain, self.key) = (authorities, chain, key)
    }

    /// Reads PEM files.
    ///
    /// - Parameters:
    ///   - authorities: The file of the authorities; nil for those of the system.
    ///   - certificate: The file of the client's own certificate and those that lead to its authority.
    ///   - key: The file of its private key.
    /// - Throws: ``TrustError``, which names the file.
    package init(authorities: String?, certificate: String?, key: String?) throws(TrustError) {
        self.authorities =
            try authorities.map { path throws(TrustError) in
                .certificates(try Self.read(path) { try NIOSSLCertificate.fromPEMFile($0) })
            } ?? .default
        chain =
            try certificate.map { path throws(TrustError) in
                try Self.read(path) { try NIOSSLCertificate.fromPEMFile($0) }.map { .certificate($0) }
            } ?? []
        self.key = try key.map { path throws(TrustError) in
            .privateKey(try Self.read(path) { try NIOSSLPrivateKey(file: $0, format: .pem) })
        }
    }

    private static func read<Content>(_ path: String, _ parse: (String) throws -> Content) throws(TrustError) -> Content
    {
        do { return try parse(path) } catch { throw TrustError(path: path) }
    }

    /// The context of a connection that speaks one version of HTTP.
    func context(for version: FetchRequest.Version) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = authorities
        configuration.certificateChain = chain
        configuration.privateKey = key
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = [version == .http2 ? "h2" : "http/1.1"]
        return try NIOSSLContext(configuration: configuration)
    }
}

/// A file that holds no certificate, or no key, that can be read.
package struct TrustError: Error, CustomStringConvertible {
    let path: String

    /// One line: the file, the reason, the remedy.
    package var description: String {
        "\(path): cannot be read as PEM; name a file with a certificate, or a key without a passphrase, that this user may read"
    }
}
