// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
package import Credentials
internal import NIOSSL

/// Whom a client of TLS believes, and as whom it presents itself.
package struct Trust: Sendable {
    /// Who is believed; nil for whom the system trusts.
    let anchors: TrustAnchors?
    private let chain: [NIOSSLCertificateSource]
    private let key: NIOSSLPrivateKeySource?

    /// The authorities that the system trusts, and no certificate of its own.
    package static let system = Trust(anchors: nil, chain: [], key: nil)

    private init(anchors: TrustAnchors?, chain: [NIOSSLCertificateSource], key: NIOSSLPrivateKeySource?) {
        (self.anchors, self.chain, self.key) = (anchors, chain, key)
    }

    /// Reads PEM files.
    ///
    /// - Parameters:
    ///   - authorities: The file of the authorities, be they roots or not; nil for those of the system.
    ///   - certificate: The file of the client's own certificate and those that lead to its authority.
    ///   - key: The file of its private key.
    /// - Throws: ``TLSError``, which names the file.
    package init(authorities: String?, certificate: String?, key: String?) throws(TLSError) {
        anchors = try authorities.map { path throws(TLSError) in try Self.anchors(path) }
        chain =
            try certificate.map { path throws(TLSError) in
                try Self.read(path, NIOSSLCertificate.fromPEMBytes).map { .certificate($0) }
            } ?? []
        self.key = try key.map { path throws(TLSError) in
            .privateKey(try Self.read(path) { try NIOSSLPrivateKey(bytes: $0, format: .pem) })
        }
    }

    private static func anchors(_ path: String) throws(TLSError) -> TrustAnchors {
        let certificates = try read(path, NIOSSLCertificate.fromPEMBytes)
        let anchors = TrustAnchors(certificates, for: .server, at: platform_seconds())
        guard anchors.canVouch else {
            throw TLSError(
                file: path,
                reason: "has no certificate of an authority (CA:TRUE) that may vouch for servers",
                remedy: "name the certificate of who issued the server's, not the server's own"
            )
        }
        guard !anchors.certificates.isEmpty else {
            throw TLSError(
                file: path,
                reason: "has no certificate of an authority that is valid now",
                remedy: "give the authority's current certificate, or check this machine's clock"
            )
        }
        return anchors
    }

    private static func read<Content>(_ path: String, _ parse: ([UInt8]) throws -> Content) throws(TLSError) -> Content
    {
        let bytes = try PEMFile.read(path, mayBePipe: true)
        do {
            return try parse(bytes)
        } catch {
            throw TLSError(
                file: path,
                reason: "cannot be read as PEM",
                remedy: "name a file with a certificate, or a key without a passphrase"
            )
        }
    }

    /// The context of a connection as one kind of client makes it.
    ///
    /// - Parameters:
    ///   - version: The version of HTTP that it speaks.
    ///   - client: The kind.
    ///   - verification: What is verified of the server's certificate, apart from a callback.
    /// - Returns: The context.
    /// - Throws: An error of swift-nio-ssl, if the certificate and the key do not belong together.
    func context(
        for version: FetchRequest.Version,
        as client: TLSClient,
        verifying verification: CertificateVerification = .fullVerification
    ) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = anchors.map { .certificates($0.certificates) } ?? .default
        configuration.certificateVerification = verification
        configuration.certificateChain = chain
        configuration.privateKey = key
        configuration.applicationProtocols = [version == .http2 ? "h2" : "http/1.1"]
        client.configure(&configuration)
        return try NIOSSLContext(configuration: configuration)
    }
}
