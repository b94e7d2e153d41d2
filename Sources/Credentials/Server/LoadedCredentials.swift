// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPSemantics
package import NIOSSL

/// A certificate chain, a key and authorities that fit, ready for connections.
package struct LoadedCredentials {
    /// What credentials are for.
    struct Purpose {
        /// Whether there are peers to connect to, which have the same settings.
        let hasPeers: Bool
        /// Which of the clients that have a valid certificate may fetch.
        let allowedClients: AllowedClients
    }

    /// Of connections from clients.
    package private(set) var context: NIOSSLContext
    /// Of connections to peers; nil if there are none.
    let peerContext: NIOSSLContext?
    let certificate: ServerCertificate
    /// What the files held.
    let digests: [Digest]

    /// Whose clients may connect; nil if no client certificate is demanded.
    let clients: TrustAnchors?

    /// The authorities of clients and of peers that files name.
    let authorities: [NamedAuthorities]

    /// What stands in the files of the authorities and vouches for nobody now, by the file; whoever put it there should know.
    let ignored: [TLSError]

    /// Tells connections that began with these from others.
    package private(set) var generation: CredentialsGeneration

    let parsed: ParsedCredentials
    private let purpose: Purpose
    /// The last second in which the authorities that are trusted are those that are valid; nil if that does not change.
    private let end: Int64?
    /// The last second in which sessions may be resumed, as a client's certificate expires then; nil if none began.
    private var lastOfSessions: Int64?

    /// Makes a context of credentials that are each in order.
    ///
    /// - Parameters:
    ///   - parsed: The credentials.
    ///   - digests: What the files held.
    ///   - purpose: What they are for.
    ///   - now: The present, in seconds since 1970.
    /// - Throws: ``TLSError``, if the key does not belong to the first certificate, or a kind is not supported, or the
    ///   system is to vouch for peers and cannot.
    init(_ parsed: ParsedCredentials, digests: [Digest], for purpose: Purpose, at now: Int64) throws(TLSError) {
        clients = parsed.clientAuthorities.map { TrustAnchors($0, for: .client, at: now) }
        let peers =
            purpose.hasPeers
            ? (parsed.peerAuthorities ?? parsed.clientAuthorities).map { TrustAnchors($0, for: .server, at: now) }
            : nil
        guard let context = try? NIOSSLContext(configuration: .server(parsed, clients: clients)),
            let leaf = parsed.pair.chain.first,
            let certificate = try? ServerCertificate(
                leaf,
                in: parsed.pair.chain,
                peers: peers,
                asClientOf: purpose.hasPeers ? clients.map { ($0, purpose.allowedClients) } : nil,
                at: now
            )
        else { throw parsed.pair.misfit }
        peerContext = purpose.hasPeers ? try Self.peerContext(parsed, peers) : nil
        self.context = context
        self.certificate = certificate
        self.digests = digests
        (self.parsed, self.purpose) = (parsed, purpose)
        authorities = NamedAuthorities.all(in: parsed.files, clients: clients, peers: peers)
        generation = CredentialsGeneration(
            certificate: certificate.fingerprint,
            clientAuthorities: authorities.first { $0.file == parsed.files.clientAuthorities }?.identity.certificates
                ?? []
        )
        ignored = authorities.compactMap { TLSError(ignoredOf: $0.anchors, in: $0.file) }
        end = [clients?.end, peers?.end].compactMap(\.self).min()
    }

    /// Takes the authorities that are valid now, if those are not in use.
    ///
    /// Sessions that began with a client's certificate that has expired since are declined from then on, too.
    mutating func revise(at now: Int64) throws(TLSError) {
        if let end, now > end {
            try LoadedCredentials(parsed, digests: digests, for: purpose, at: now).replace(&self)
        } else if let lastOfSessions, now > lastOfSessions {
            // Keys of session tickets are a context's own.
            guard let fresh = try? NIOSSLContext(configuration: .server(parsed, clients: clients)) else {
                throw parsed.pair.misfit
            }
            context = fresh
            self.lastOfSessions = nil
        }
    }

    /// Replaces other credentials.
    func replace(_ former: inout LoadedCredentials) {
        let generation = generation.following(former.generation)
        former = self
        former.generation = generation
    }

    /// Notes when the certificate of a client expires that may now have a session.
    mutating func declineSessions(afterClientExpiry end: Int64) {
        lastOfSessions = min(end, lastOfSessions ?? end)
    }

    /// Who vouches for peers is who is named for that, or else for clients, or else for the system.
    private static func peerContext(
        _ parsed: ParsedCredentials,
        _ anchors: TrustAnchors?
    ) throws(TLSError) -> NIOSSLContext {
        do {
            return try NIOSSLContext(configuration: .peer(parsed, trusting: anchors))
        } catch {
            let named = parsed.files.peerAuthorities ?? parsed.files.clientAuthorities
            throw TLSError(
                file: named ?? "what this system trusts",
                reason: named == nil ? "is not to be found" : "cannot vouch for peers",
                remedy: "name a file with the peers' authorities"
            )
        }
    }
}

extension LoadedCredentials {
    /// What is no longer valid, though the files are as they were.
    func lapsed(at now: Int64) -> [TLSEvent] {
        expired(at: now) + authorities.compactMap(\.problem).map { .authoritiesExpired($0) }
    }

    private func expired(at now: Int64) -> [TLSEvent] {
        guard now > certificate.expiry else { return [] }
        let error = TLSError(
            file: parsed.files.certificateChain,
            reason: "the certificate in use expired at \(HTTPDate(seconds: certificate.expiry))",
            remedy: "renew it; clients reject it by now"
        )
        return [.expired(error)]
    }
}
