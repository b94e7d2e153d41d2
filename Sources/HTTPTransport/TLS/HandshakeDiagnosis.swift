// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Credentials
internal import HTTPSemantics
internal import HTTPService
internal import NIOCore
internal import NIOSSL

/// Why a handshake failed.
///
/// BoringSSL says which step failed. It does not say why it did not believe a certificate, so that is found out again
/// from the certificate and the authorities; whether to believe it is BoringSSL's decision alone.
struct HandshakeDiagnosis {
    /// The reason.
    let failure: ConnectionEvent.HandshakeFailure
    /// What the reason's name does not tell.
    private let detail: String?
    private let presented: CertificateFacts?

    /// What a log says besides of the reason.
    var circumstances: ConnectionEvent.Circumstances {
        .init(subject: presented.map { "\($0.subject)" }, issuer: presented.map { "\($0.issuer)" }, detail: detail)
    }

    /// What is known of a handshake that failed.
    struct Evidence {
        /// The error that swift-nio-ssl raised.
        let error: any Error
        /// The alert that the client sent in the clear, if it did.
        let alert: String?
        /// The cipher suites that the client offers, if they are known.
        let suites: OfferedSuites?
        /// The client's certificate, if it had sent one by then.
        let certificate: NIOSSLCertificate?
        /// Whose clients may connect; nil if no client certificate is demanded.
        let clients: TrustAnchors?
        /// The kind of the server's own key.
        let key: KeyKind?
        /// The time, in seconds since 1970.
        let now: Int64
    }

    /// Finds the reason.
    init(_ evidence: Evidence) {
        let presented = evidence.certificate.flatMap { try? CertificateFacts($0) }
        self.presented = presented
        guard let reasons = TLSReasons(evidence.error) else {
            (failure, detail) = Self.withoutReasons(evidence)
            return
        }
        if let alert = reasons.alert ?? evidence.alert {
            let isRejection = TLSAlert.rejectsCertificate(alert)
            (failure, detail) = (isRejection ? .serverCertificateRejected : .clientAlert, alert)
        } else if reasons.contain(anyOf: ["KEY_USAGE_BIT_INCORRECT"]) {
            (failure, detail) = (.certificateNotForClients, "its key usage has no digitalSignature")
        } else if reasons.contain(anyOf: ["CERTIFICATE_VERIFY_FAILED"]) {
            (failure, detail) = Self.objection(to: presented, reasons, evidence)
        } else if let (failure, _) = Self.causes.first(where: { reasons.contain(anyOf: $0.names) }) {
            self.failure = Self.refined(failure, evidence)
            detail = Self.sharing.contains(failure) ? Self.key(evidence.key) : "\(reasons)"
        } else if reasons.isEndOfStream {
            (failure, detail) = (.abandoned, nil)
        } else {
            (failure, detail) = (.protocolError, "\(reasons)")
        }
    }

    private static func withoutReasons(_ evidence: Evidence) -> (ConnectionEvent.HandshakeFailure, String?) {
        if let alert = evidence.alert {
            return (TLSAlert.rejectsCertificate(alert) ? .serverCertificateRejected : .clientAlert, alert)
        }
        return switch evidence.error {
        case NIOSSLError.handshakeFailed, NIOSSLError.uncleanShutdown, is IOError, is ChannelError: (.abandoned, nil)
        default: (.protocolError, "\(evidence.error)")
        }
    }

    /// Why the client's certificate was not believed.
    private static func objection(
        to facts: CertificateFacts?,
        _ reasons: TLSReasons,
        _ evidence: Evidence
    ) -> (ConnectionEvent.HandshakeFailure, String?) {
        guard let facts, let clients = evidence.clients else { return (.unusableCertificate, "\(reasons)") }
        return switch CertificateObjection(to: facts, of: .client, trusting: clients, at: evidence.now) {
        case .expired: (.expiredCertificate, "it expired at \(HTTPDate(seconds: facts.validity.upperBound))")
        case .notYetValid:
            (.certificateNotYetValid, "it is not valid before \(HTTPDate(seconds: facts.validity.lowerBound))")
        case .otherUsage: (.certificateNotForClients, "its extended key usage has no clientAuth")
        case .unknownAuthority: (.unknownAuthority, nil)
        case .otherKey: (.unknownAuthority, "the authority of that name that is known here has another key")
        case .expiredAuthority: (.expiredAuthority, nil)
        case .invalidChain: (.invalidChain, nil)
        }
    }

    /// What is not shared, where BoringSSL stops at something else.
    private static func refined(
        _ failure: ConnectionEvent.HandshakeFailure,
        _ evidence: Evidence
    ) -> ConnectionEvent.HandshakeFailure {
        switch failure {
        case .noSharedCipher where evidence.key == .ed25519: .noSharedSignature
        // A client without a suite that needs curves names none.
        case .noSharedCurve where evidence.suites?.needsNoCurveOfKey == true: .noSharedCipher
        default: failure
        }
    }

    private static func key(_ key: KeyKind?) -> String? { key.map { "the server's key is \($0)" } }

    /// Where it matters what the server's key is.
    private static let sharing: Set<ConnectionEvent.HandshakeFailure> = [
        .noSharedCipher, .noSharedCurve, .noSharedSignature,
    ]

    /// The names of BoringSSL's reasons, and what they mean; the first that is found counts.
    private static let causes: [(failure: ConnectionEvent.HandshakeFailure, names: Set<String>)] = [
        (.missingCertificate, ["PEER_DID_NOT_RETURN_A_CERTIFICATE"]),
        (
            .unusableCertificate,
            [
                "CANNOT_PARSE_LEAF_CERT", "UNKNOWN_CERTIFICATE_TYPE", "BAD_SIGNATURE", "WRONG_SIGNATURE_TYPE",
                "CERT_LENGTH_MISMATCH", "BAD_ECC_CERT", "UNSUPPORTED_CERTIFICATE",
            ]
        ),
        (.noSharedVersion, ["UNSUPPORTED_PROTOCOL", "INAPPROPRIATE_FALLBACK", "NO_SUPPORTED_VERSIONS_ENABLED"]),
        (.noSharedCurve, ["WRONG_CURVE", "NO_SHARED_GROUP"]),
        (.noSharedSignature, ["NO_COMMON_SIGNATURE_ALGORITHMS"]),
        (.noSharedCipher, ["NO_SHARED_CIPHER"]),
        (.notTLS, ["HTTP_REQUEST", "HTTPS_PROXY_REQUEST", "WRONG_VERSION_NUMBER"]),
    ]
}
