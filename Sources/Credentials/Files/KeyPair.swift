// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import NIOSSL

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A server's or a client's certificate and its key, each in order by itself; ``requireFit()`` tells whether they fit.
///
/// 1. There is a certificate chain that can be read, and its first certificate is valid now.
/// 2. There is a key that can be read without a passphrase.
///
/// An intermediate certificate that has expired is no error: some are sent for the sake of old clients.
package struct KeyPair: Sendable {
    /// A file and what it holds.
    package struct File: Sendable {
        fileprivate let path: String
        fileprivate let bytes: [UInt8]

        /// A file that was read.
        package init(_ path: String, holding bytes: [UInt8]) {
            (self.path, self.bytes) = (path, bytes)
        }
    }

    /// The certificate, and after it those that lead to its authority; at least one.
    package let chain: [NIOSSLCertificate]
    /// The key.
    package let key: NIOSSLPrivateKey
    private let files: (certificates: String, key: String)

    /// How many certificates after the first are tried when the first is not the key's: enough for any real chain.
    private static let triedCertificateCount = 8

    /// Parses and judges the file of the certificates and that of the first one's key, at a time in seconds since 1970.
    package init(_ certificates: File, _ key: File, at now: Int64) throws(TLSError) {
        files = (certificates.path, key.path)
        chain = try PEMFile.certificates(in: certificates.bytes, of: certificates.path)
        if let leaf = chain.first { try Self.checkDates(of: leaf, in: certificates.path, at: now) }
        self.key = try PEMFile.key(in: key.bytes, of: key.path)
    }

    /// Tells whether the key is that of the first certificate.
    ///
    /// - Throws: ``TLSError``, if it is not.
    package func requireFit() throws(TLSError) {
        guard let leaf = chain.first, Self.isUsable(leaf, with: key) else { throw misfit }
    }

    /// Why the certificates and the key do not fit: swift-nio-ssl only says that they do not.
    package var misfit: TLSError {
        let owner = chain.indices.dropFirst().prefix(Self.triedCertificateCount).first { index in
            Self.isUsable(chain[index], with: key)
        }
        if let owner {
            return TLSError(
                file: files.certificates,
                reason: "the key belongs to its certificate number \(owner + 1), not to the first",
                remedy: "put the certificate of that key first, and after it those that lead to its authority"
            )
        }
        guard let leaf = chain.first, Self.isUsable(leaf, with: nil) else {
            return TLSError(
                file: files.certificates,
                reason: "the first certificate's key is of a kind that is not supported, or not for signatures",
                remedy: "use RSA, EC on P-256, P-384 or P-521, or Ed25519, with the key usage digitalSignature"
            )
        }
        return TLSError(
            file: files.key,
            reason: "the key does not belong to the first certificate of \(files.certificates)",
            remedy: "put the certificate and the key there that were made for each other"
        )
    }

    private static func isUsable(_ leaf: NIOSSLCertificate, with key: NIOSSLPrivateKey?) -> Bool {
        // A client's configuration, because a server's demands a key; nobody is verified, so no roots are loaded.
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        configuration.certificateChain = [.certificate(leaf)]
        configuration.privateKey = key.map { .privateKey($0) }
        return (try? NIOSSLContext(configuration: configuration)) != nil
    }

    /// Both the first and the last second count (RFC 5280 §4.1.2.5).
    private static func checkDates(of leaf: NIOSSLCertificate, in file: String, at now: Int64) throws(TLSError) {
        let (first, last) = (Int64(leaf.notValidBefore), Int64(leaf.notValidAfter))
        if now > last {
            throw TLSError(file: file, reason: "the certificate expired at \(date(last))", remedy: "renew it")
        }
        if now < first {
            throw TLSError(
                file: file,
                reason: "the certificate is not valid before \(date(first))",
                remedy: "check the clock of this machine and of the authority"
            )
        }
    }

    private static func date(_ seconds: Int64) -> String {
        Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(.iso8601)
    }
}
