// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Credentials
internal import NIOSSL

extension AllowedClients {
    /// What peers that allow the same clients mind about the server's own certificate, with which it asks them.
    func remark(onServer certificate: NIOSSLCertificate, at now: Int64) -> CertificateRemark? {
        let decision = decide(on: certificate, at: now)
        guard decision.objection == .notListed || decision.isNameless else { return nil }
        let names =
            decision.isNameless ? "it has no DNS name or SPIFFE ID" : "it has only the names \(decision.identity)"
        return CertificateRemark(
            peersDenyAs: "\(names), none of which is an allowed client's",
            remedy: "name its DNS name by --tls-allowed-client, too"
        )
    }
}

extension AllowedClients.Decision {
    fileprivate var isNameless: Bool { if case .nameless = objection { true } else { false } }
}
