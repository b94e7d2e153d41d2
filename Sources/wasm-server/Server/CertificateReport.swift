// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Credentials
internal import HTTPSemantics
internal import HTTPTransport
internal import Logging
internal import Operations

/// Says how it stands with the certificate: in the log, in the metrics, and beside the answer to readiness probes.
struct CertificateReport {
    let credentials: TLSCredentials
    let metrics: TLSMetrics
    let readiness: Readiness
    let logger: Logger

    /// The detail's name in verbose probes.
    private static let detail = "tls"

    /// Tells of a certificate that new connections get, or of why they do not.
    func tell(_ event: TLSEvent) {
        metrics.authoritiesExpire(at: credentials.authorityExpiry)
        readiness.report(Self.detail, problem: credentials.problem)
        switch event {
        case .loaded(let certificate):
            metrics.certificateLoaded(expiry: certificate.expiry)
            log(certificate)
        case .failed(let error):
            metrics.reloadFailed()
            log(.error, "certificate not loaded", error)
        case .expired(let error): log(.error, "certificate expired", error)
        case .authoritiesExpired(let error): log(.error, "authorities expired", error)
        case .authoritiesChanged(let authorities):
            logger.info(
                "authorities changed",
                metadata: ["file": "\(authorities.file)", "names": "\(authorities.names)"]
            )
        case .ignored(let error): log(.warning, "authority ignored", error)
        }
    }

    private func log(_ level: Logger.Level, _ message: Logger.Message, _ error: TLSError) {
        logger.log(
            level: level,
            message,
            metadata: ["file": "\(error.file)", "reason": "\(error.reason); \(error.remedy)"]
        )
    }

    private func log(_ certificate: ServerCertificate) {
        var metadata: Logger.Metadata = [
            "sha256": "\(certificate.fingerprint)",
            "names": "\(certificate.names)",
            "expires": .date(certificate.expiry),
        ]
        if let chain = certificate.chain {
            metadata["key"] = "\(chain.first.key)"
            metadata["issuer"] = "\(chain.first.issuer)"
        }
        logger.info("certificate", metadata: metadata)
        for remark in certificate.remarks where remark.weight != .note {
            logger.warning(
                "certificate that clients reject",
                metadata: ["file": "\(credentials.certificateFile)", "reason": "\(remark)"]
            )
        }
    }
}
