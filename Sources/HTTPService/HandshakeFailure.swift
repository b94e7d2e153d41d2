// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

extension ConnectionEvent {
    /// Why a TLS handshake failed.
    package enum HandshakeFailure: String, CaseIterable, Sendable {
        // MARK: The client's certificate

        /// A client certificate is demanded, and there was none.
        case missingCertificate = "missing_certificate"
        /// Its issuer is no authority that is named here, and it leads to none.
        case unknownAuthority = "unknown_authority"
        /// Its authority has expired, or is not valid yet.
        case expiredAuthority = "expired_authority"
        /// It has expired.
        case expiredCertificate = "expired_certificate"
        /// It is not valid yet.
        case certificateNotYetValid = "certificate_not_yet_valid"
        /// It is not for clients, or not for signatures.
        case certificateNotForClients = "certificate_not_for_clients"
        /// Its authority is known, but something on the way to it is not in order.
        case invalidChain = "invalid_chain"
        /// It cannot be read, its key is of a kind that is not supported, or the client does not have its key.
        case unusableCertificate = "unusable_certificate"

        // MARK: What both must agree on

        /// There is no version of TLS that both sides accept.
        case noSharedVersion = "no_shared_version"
        /// There is no cipher suite that both sides accept.
        case noSharedCipher = "no_shared_cipher"
        /// There is no curve that both sides accept, or the client does not accept that of the server's key.
        case noSharedCurve = "no_shared_curve"
        /// The client accepts no signature that the server's key can make.
        case noSharedSignature = "no_shared_signature"
        /// The client offers other protocols than HTTP, and none that is spoken here (RFC 7301 §3.2).
        case noSharedProtocol = "no_shared_protocol"

        // MARK: What the client did

        /// It does not accept the server's certificate, as its alert says.
        case serverCertificateRejected = "server_certificate_rejected"
        /// It gave up with another alert.
        case clientAlert = "client_alert"
        /// It went away without a word.
        case abandoned
        /// It sent HTTP without TLS.
        case plainHTTP = "plain_http"
        /// A proxy in between sent the header of the PROXY protocol.
        case proxyProtocol = "proxy_protocol"
        /// What came was neither TLS nor any of that.
        case notTLS = "not_tls"
        /// It broke the rules of TLS.
        case protocolError = "protocol_error"
    }
}
