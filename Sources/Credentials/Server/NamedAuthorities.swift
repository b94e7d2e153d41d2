// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import NIOSSL

/// Authorities that a file names, as they count now.
struct NamedAuthorities {
    /// The path of the file.
    let file: String
    let anchors: TrustAnchors
    /// Which they are, to tell one set from another.
    let identity: TLSEvent.Authorities
    /// What nobody gets while none of them is valid.
    private let loss: String

    private init(_ anchors: TrustAnchors, in file: String, loss: String) {
        (self.file, self.anchors, self.loss) = (file, anchors, loss)
        let certificates = anchors.certificates.compactMap { try? $0.toDERBytes() }
        identity = TLSEvent.Authorities(
            file: file,
            names: TLSError.list(anchors.inUse.map { "\($0.subject)" }.sorted()),
            certificates: Set(certificates.map { Digest(of: $0) })
        )
    }

    /// The files of clients' and peers' authorities; one that names both is one of clients'.
    static func all(in files: TLSFiles, clients: TrustAnchors?, peers: TrustAnchors?) -> [Self] {
        let named = [
            (files.clientAuthorities, clients, "every client is denied"),
            (files.peerAuthorities, peers, "no peer is trusted"),
        ]
        return named.compactMap { file, anchors, loss in
            guard let file, let anchors else { return nil }
            return Self(anchors, in: file, loss: loss)
        }
    }

    /// That none of them is valid any more; nil if one is.
    var problem: TLSError? {
        guard anchors.certificates.isEmpty else { return nil }
        return TLSError(
            file: file,
            reason: "none of its authorities is valid now, so \(loss)",
            remedy: "put the authorities' current certificates there"
        )
    }
}
