// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Credentials

/// What is told of the certificates and keys while the server runs.
package enum TLSEvent: Hashable, Sendable {
    /// New connections get this certificate: it is new, or all is well with it again.
    case loaded(ServerCertificate)
    /// What the files hold cannot be used, so that the last good is kept; or the certificate in use has expired.
    case failed(TLSError)
    /// Some of a file's authorities vouch for nobody now; the others do.
    case ignored(TLSError)
}

/// Tells each problem once, and once that there is none any more.
struct TLSNews {
    private var told: [TLSError] = []

    /// What is new since the last time.
    ///
    /// - Parameters:
    ///   - problems: All that is wrong now.
    ///   - certificate: What is in use.
    ///   - tellsGood: Whether the certificate is told of though nothing was wrong before.
    /// - Returns: What to tell, in order.
    mutating func since(problems: [TLSError], of certificate: ServerCertificate, tellsGood: Bool) -> [TLSEvent] {
        let isGoodAgain = problems.isEmpty && !told.isEmpty
        let unknown = problems.filter { !told.contains($0) }
        told = problems
        return (tellsGood && problems.isEmpty || isGoodAgain ? [.loaded(certificate)] : [])
            + unknown.map { .failed($0) }
    }
}
