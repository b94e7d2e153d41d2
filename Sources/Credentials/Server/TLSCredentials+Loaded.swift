// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Synchronization

extension TLSCredentials {
    /// The file that the certificate is in.
    package var certificateFile: String { files.certificateChain }

    /// The certificate that new connections get.
    package var certificate: ServerCertificate { loaded.withLock { $0.certificate } }

    /// Whose clients may connect; nil if no client certificate is demanded.
    package var clientAnchors: TrustAnchors? { loaded.withLock { $0.clients } }

    /// What the files name as authorities though it vouches for nobody now.
    package var ignoredAuthorities: [TLSError] { loaded.withLock { $0.ignored } }

    /// When the first authority in use expires, of those that files name; nil if they name none.
    package var authorityExpiry: Int64? {
        loaded.withLock { $0.authorities.compactMap(\.anchors.expiry).min() }
    }

    /// The file of the authorities whose clients may connect; nil if no client certificate is demanded.
    package var clientAuthoritiesFile: String? { files.clientAuthorities }

    /// The files that name authorities, and when the first of each that is in use expires.
    package var authorityExpiries: [(file: String, expiry: Int64?)] {
        loaded.withLock { $0.authorities.map { ($0.file, $0.anchors.expiry) } }
    }

    /// Whether a client certificate is demanded.
    package var demandsClientCertificate: Bool { files.clientAuthorities != nil }

    /// By what open connections are judged; what is loaded is looked at elsewhere.
    package var present: Authentication.Present {
        Authentication.Present(generation: loaded.withLock { $0.generation.number }, second: now())
    }

    /// Ends sessions when the certificate of their client expires.
    ///
    /// BoringSSL does not verify a client again whose session is resumed, and swift-nio-ssl has no way to decline one session.
    /// But sessions end with the context that they began with; so once a certificate has expired that one was begun with, the
    /// next connection gets a new context. Each client is verified there as if it were new, by what it presents then.
    package func declineSessions(afterClientExpiry end: Int64) {
        loaded.withLock { $0.declineSessions(afterClientExpiry: end) }
    }
}
