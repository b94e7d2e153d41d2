// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Credentials

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension TLSFailure {
    /// What happened, in words that follow the name of the server.
    var words: String {
        switch self {
        case .untrustedCertificate(let objection, let facts): Self.words(objection, facts)
        case .otherName(""): "has a certificate for no name at all"
        case .otherName(let names): "has a certificate for other names: \(names)"
        case .certificateRequired: "requires a client certificate"
        case .rejectedOurCertificate(let alert): "does not accept our certificate: its alert is \(alert)"
        case .notTLS: "does not speak TLS on this port"
        case .ended: "ended the connection during the TLS handshake"
        case .noSharedVersion: "shares no version of TLS with what is offered"
        case .nothingShared: "shares no cipher suite, curve or signature with what is offered"
        case .other(let what): "failed in the TLS handshake: \(what)"
        }
    }

    /// What a person can do about it.
    var remedy: Remedy {
        switch self {
        case .untrustedCertificate(let objection, let facts): Self.remedy(objection, facts)
        case .otherName: "use a name that is in the certificate, or issue it with this one"
        case .certificateRequired: .showCertificate
        case .rejectedOurCertificate: .checkCertificate
        case .notTLS: "use http://, or the port of TLS"
        case .ended: "check whether it speaks TLS on this port, and its log"
        case .noSharedVersion, .nothingShared: "check the server's log, and the kind of its certificate's key"
        case .other: "check the server's log"
        }
    }

    private static func words(_ objection: CertificateObjection?, _ facts: CertificateFacts?) -> String {
        guard let objection, let facts else { return "has a certificate that is not trusted here" }
        return switch objection {
        case .expired: "has a certificate that expired at \(date(facts.validity.upperBound))"
        case .notYetValid: "has a certificate that is not valid before \(date(facts.validity.lowerBound))"
        case .otherUsage: "has a certificate that is not for servers: its extended key usage has no serverAuth"
        case .unknownAuthority where facts.isSelfIssued:
            "has a certificate that is its own issuer, \(facts.issuer), and not trusted here"
        case .unknownAuthority:
            "has a certificate issued by \(facts.issuer), which is no authority that is trusted here, nor leads to one"
        case .otherKey:
            "has a certificate issued by \(facts.issuer), an authority that is trusted here with another key"
        case .expiredAuthority: "has a certificate issued by \(facts.issuer), an authority that is not valid now"
        case .invalidChain:
            "has a certificate issued by \(facts.issuer), which is trusted here, but it is invalid for another reason"
        }
    }

    private static func remedy(_ objection: CertificateObjection?, _ facts: CertificateFacts?) -> Remedy {
        switch objection {
        case .expired: "renew it"
        case .notYetValid: "check the clocks of the authority, of the server and of this machine"
        case .otherUsage: "issue it with serverAuth"
        case .unknownAuthority where facts?.isSelfIssued == false: .nameAuthorityOrPresentIt
        case .unknownAuthority, nil: .nameAuthority
        case .otherKey, .expiredAuthority: .nameCurrentAuthority
        case .invalidChain: "check it with openssl verify"
        }
    }

    private static func date(_ seconds: Int64) -> String {
        Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(.iso8601)
    }
}
