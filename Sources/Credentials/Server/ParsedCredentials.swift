// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOSSL

/// The certificates and the key of a listener, each in order by itself; whether they fit is not known yet.
///
/// 1. The certificate and its key are each in order.
/// 2. If client certificates are demanded, there is an authority that can vouch for them now, be it a root or not; and so for
///    peers, if theirs are named.
struct ParsedCredentials {
    let files: TLSFiles
    let pair: KeyPair
    let clientAuthorities: [NIOSSLCertificate]?
    let peerAuthorities: [NIOSSLCertificate]?

    /// Parses and judges what the files hold, at a time in seconds since 1970.
    init(_ material: TLSMaterial, at now: Int64) throws(TLSError) {
        files = material.files
        pair = try KeyPair(
            KeyPair.File(files.certificateChain, holding: material.certificateChain),
            KeyPair.File(files.privateKey, holding: material.privateKey),
            at: now
        )
        clientAuthorities = try Self.authorities(
            material.clientAuthorities,
            "clients",
            .client,
            files.clientAuthorities,
            at: now
        )
        peerAuthorities = try Self.authorities(
            material.peerAuthorities,
            "peers",
            .server,
            files.peerAuthorities,
            at: now
        )
    }

    private static func authorities(
        _ bytes: [UInt8]?,
        _ owners: String,
        _ role: CertificateObjection.Role,
        _ file: String?,
        at now: Int64
    ) throws(TLSError) -> [NIOSSLCertificate]? {
        guard let bytes, let file else { return nil }
        let certificates = try PEMFile.certificates(in: bytes, of: file)
        let anchors = TrustAnchors(certificates, for: role, at: now)
        guard anchors.canVouch else { throw TLSError(noneCanVouch: anchors, of: owners, in: file) }
        guard !anchors.certificates.isEmpty else {
            throw TLSError(
                file: file,
                reason: "none of its authorities is valid now",
                remedy: "put the current certificates of the \(owners)' authorities there"
            )
        }
        return certificates
    }
}
