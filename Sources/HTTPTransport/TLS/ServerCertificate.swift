// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Content
package import Credentials
internal import NIOSSL

/// What a log says of the certificate that the server presents.
package struct ServerCertificate: Hashable, Sendable {
    /// The last second in which it is valid, since 1970.
    package let expiry: Int64
    /// The SHA-256 digest of its DER form, as `openssl x509 -fingerprint -sha256` prints it but for the colons.
    package let fingerprint: Digest
    /// Its subject alternative names, as far as a log needs them; printable ASCII.
    package let names: String
    /// The kind of its key; nil if that cannot be told.
    package let key: KeyKind?

    init(_ certificate: NIOSSLCertificate) throws {
        expiry = Int64(certificate.notValidAfter)
        fingerprint = Digest(of: try certificate.toDERBytes())
        names = CertificateNames(certificate).text
        key = try? CertificateFacts(certificate).key
    }
}
