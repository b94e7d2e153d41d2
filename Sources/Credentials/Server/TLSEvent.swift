// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Content

/// What happens to the certificates and keys while the server runs.
package enum TLSEvent: Hashable, Sendable {
    /// New connections get this certificate, and it is what the files hold: it is new, or what was wrong is so no more.
    case loaded(ServerCertificate)
    /// What the files hold cannot be used, so that the last good is kept.
    case failed(TLSError)
    /// The certificate in use has expired.
    case expired(TLSError)
    /// None of the authorities that a file names is valid now.
    case authoritiesExpired(TLSError)
    /// Others vouch for clients or for peers than before.
    case authoritiesChanged(Authorities)
    /// Some of a file's authorities vouch for nobody now; the others do.
    case ignored(TLSError)

    /// Who vouches for clients or for peers.
    package struct Authorities: Hashable, Sendable {
        /// The path of the file that names them.
        package let file: String
        /// Their names, of which a log needs a few.
        package let names: String
        /// The digests of the certificates that count.
        package let certificates: Set<Digest>
    }

    /// What goes on being wrong; nil if that is nothing.
    var problem: TLSError? {
        switch self {
        case .failed(let error), .expired(let error), .authoritiesExpired(let error): error
        case .loaded, .authoritiesChanged, .ignored: nil
        }
    }

    fileprivate var isFailure: Bool { if case .failed = self { true } else { false } }
}

/// Tells each problem once, and once that there is none any more.
struct TLSNews {
    /// What was wrong when things were last looked at.
    private(set) var problems: [TLSEvent] = []

    /// What to tell, in order, now that these are all problems, and this certificate is in use.
    ///
    /// - Parameters:
    ///   - problems: All that is wrong now.
    ///   - certificate: What is in use.
    ///   - tellsGood: Whether to tell of the certificate even if nothing was wrong before.
    /// - Returns: What was not told yet.
    mutating func since(problems: [TLSEvent], of certificate: ServerCertificate, tellsGood: Bool) -> [TLSEvent] {
        let before = self.problems
        self.problems = problems
        let isMended = before.contains { !problems.contains($0) }
        let isLoaded = !problems.contains(where: \.isFailure)
        return (isLoaded && (tellsGood || isMended) ? [.loaded(certificate)] : [])
            + problems.filter { !before.contains($0) }
    }
}
