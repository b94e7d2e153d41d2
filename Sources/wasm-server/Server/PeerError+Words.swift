// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Credentials
internal import Peers
internal import ServerClient

extension PeerError {
    /// What went wrong, and what can be done about it where that is known, in words.
    var words: String {
        switch self {
        case .unreachable: "cannot be reached; check whether it listens on this port, and at network policies"
        case .refused: "cannot be reached: nobody listens on this port, or not yet"
        case .timeout: "stalled, or took too long; check its load, and the network in between"
        case .untrusted(let failure, let name): "is not trusted: \(Self.words(failure, name))"
        case .withoutCertificate: "is not trusted: this server has no certificate for its peers"
        case .status(403): "answered with status 403; name this server in its \(Setting.tlsAllowedClient.flag)"
        case .status(400): "answered with status 400; does it speak TLS? Then give this server TLS too"
        case .status(let code): "answered with status \(code)"
        case .tooLarge: "offers more bytes than are taken"
        case .malformed(let what): "gave an answer that cannot be used: \(what)"
        case .cut: "ended the connection early"
        case .unanswered: "ended the connection early; does it speak TLS? Then give this server TLS too"
        case .otherBytes: "gave other bytes than were asked for"
        case .inadmissible(let reason): "gave a module that may not be served: \(reason)"
        case .noMemory: "has bytes that there is no memory for at the moment"
        case .lacking(.memory):
            "was not heard: there is no memory left here; raise the memory limit (the container's, or ulimit -v)"
        case .lacking(.descriptors):
            "was not heard: this process has too many open files; raise the limit of open files (ulimit -n)"
        case .cancelled: "was not needed any more"
        }
    }

    /// Why TLS failed, and what helps.
    private static func words(_ failure: TLSFailure, _ name: String) -> String {
        switch failure {
        case .otherName: "its certificate is not valid for \(name)"
        case .untrustedCertificate(let objection, let facts): words(objection, facts)
        case .certificateRequired, .rejectedOurCertificate:
            """
            it does not accept our certificate: name this server in \(Setting.tlsAllowedClient.flag) and let its \
            certificate be valid for clients too
            """
        case .notTLS: "it does not speak TLS on this port; name its TLS port in \(Setting.peers.flag)"
        case .ended:
            "it ended the connection during the TLS handshake; check whether it speaks TLS on this port, and its log"
        case .noSharedVersion, .nothingShared:
            "it shares no version or cipher of TLS with this server; compare the TLS settings of both"
        case .other(let what): "the TLS handshake failed (\(what)); compare the TLS settings of both servers"
        }
    }

    private static func words(_ objection: CertificateObjection?, _ facts: CertificateFacts?) -> String {
        let issuer = facts.map { "\($0.issuer)" } ?? "somebody"
        return switch objection {
        case .expired: "its certificate has expired"
        case .notYetValid: "its certificate is not valid yet; check the clocks of both machines"
        case .otherUsage: "its certificate is not for servers: its extended key usage has no serverAuth"
        case .unknownAuthority:
            "its certificate is issued by \(issuer), which \(Setting.tlsPeersCA.flag) does not name, nor leads to one"
        case .otherKey: "its certificate is issued by \(issuer), which has another key in \(Setting.tlsPeersCA.flag)"
        case .expiredAuthority:
            "its certificate is issued by \(issuer), which is not valid now in \(Setting.tlsPeersCA.flag)"
        case .invalidChain:
            "its certificate is issued by \(issuer); it is invalid for another reason; check it with openssl verify"
        case nil: "its certificate is not of an authority in \(Setting.tlsPeersCA.flag), or not valid now"
        }
    }
}
