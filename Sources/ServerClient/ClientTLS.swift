// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
package import Credentials
package import NIOSSL

/// Which authorities a TLS client trusts, and which certificate it presents.
package struct ClientTLS: Sendable {
    /// The trusted authorities; nil for those of the system.
    let anchors: TrustAnchors?
    /// The certificate that it presents, with its key; nil for none.
    private let pair: KeyPair?

    /// The authorities that the system trusts, and no certificate of its own.
    package static let system = ClientTLS(anchors: nil, pair: nil)

    private init(anchors: TrustAnchors?, pair: KeyPair?) {
        (self.anchors, self.pair) = (anchors, pair)
    }

    /// Reads PEM files, and judges what they hold before anybody is asked.
    ///
    /// - Parameters:
    ///   - authorities: The file of the authorities, be they roots or not; nil for those of the system.
    ///   - identity: The file of the client's own certificate and those that lead to its authority, and that of its key; nil for
    ///     none.
    /// - Throws: ``TLSError``, which names the file.
    package init(authorities: String?, identity: (certificate: String, key: String)? = nil) throws(TLSError) {
        anchors = try authorities.map { path throws(TLSError) in try Self.anchors(path) }
        pair = try identity.map { files throws(TLSError) in
            let pair = try KeyPair(
                KeyPair.File(files.certificate, holding: try PEMFile.read(files.certificate, mayBePipe: true)),
                KeyPair.File(files.key, holding: try PEMFile.read(files.key, mayBePipe: true)),
                at: platform_seconds()
            )
            try pair.requireFit()
            return pair
        }
    }

    private static func anchors(_ path: String) throws(TLSError) -> TrustAnchors {
        let certificates = try PEMFile.certificates(in: try PEMFile.read(path, mayBePipe: true), of: path)
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

    /// How a connection is encrypted as one kind of client would have it.
    ///
    /// - Parameters:
    ///   - version: The version of HTTP that it speaks.
    ///   - client: The kind.
    ///   - verification: What is verified of the server's certificate, apart from a callback.
    ///   - serverName: The name that is asked for, and has to be in the certificate; nil for an address.
    /// - Returns: The encryption.
    /// - Throws: An error of swift-nio-ssl, if it cannot be made.
    func security(
        for version: FetchRequest.Version,
        as client: TLSClient,
        verifying verification: CertificateVerification = .fullVerification,
        serverName: String?
    ) throws -> ClientSecurity {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = anchors.map { .certificates($0.certificates) } ?? .default
        configuration.certificateVerification = verification
        configuration.certificateChain = pair?.chain.map { .certificate($0) } ?? []
        configuration.privateKey = (pair?.key).map { .privateKey($0) }
        configuration.applicationProtocols = [version == .http2 ? "h2" : "http/1.1"]
        client.configure(&configuration)
        return ClientSecurity(
            try NIOSSLContext(configuration: configuration),
            serverName: serverName,
            trusting: anchors
        )
    }
}

/// How one connection to a server is encrypted.
package struct ClientSecurity: Sendable {
    let context: NIOSSLContext
    /// The name that a TLS client says that it asks for (RFC 6066 §3), and has to be in the certificate; nil for an address.
    let serverName: String?
    /// The trusted authorities; nil for those of the context.
    private let anchors: TrustAnchors?

    /// The encryption by a context.
    package init(_ context: NIOSSLContext, serverName: String?, trusting anchors: TrustAnchors? = nil) {
        (self.context, self.serverName, self.anchors) = (context, serverName, anchors)
    }

    /// Why TLS failed, after the server had presented a certificate or none; nil if the error is of something else.
    func failure(of error: any Error, presented: NIOSSLCertificate?) -> TLSFailure? {
        let now = platform_seconds()
        var anchors = anchors
        if anchors == nil, case .certificates(let certificates) = context.configuration.trustRoots {
            anchors = TrustAnchors(certificates, for: .server, at: now)
        }
        return TLSFailure(error, presented: presented, trusting: anchors, at: now)
    }
}
