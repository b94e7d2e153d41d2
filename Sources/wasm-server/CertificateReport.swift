// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Credentials
internal import HTTPSemantics
internal import HTTPTransport
internal import Logging
internal import Operations

/// Says how it stands with the certificate: in the log, in the metrics, and beside the answer to readiness probes.
struct CertificateReport {
    /// Where the certificate is.
    let file: String
    let metrics: TLSMetrics
    let readiness: Readiness
    let logger: Logger

    /// The detail's name in verbose probes.
    private static let detail = "tls"

    /// Tells of a certificate that new connections get, or of why they do not.
    func tell(_ event: TLSEvent) {
        switch event {
        case .loaded(let certificate):
            metrics.certificateLoaded(expiry: certificate.expiry)
            readiness.report(Self.detail, problem: nil)
            log(certificate)
        case .failed(let error):
            metrics.reloadFailed()
            readiness.report(Self.detail, problem: error.description)
            logger.error(
                "certificate not loaded",
                metadata: ["file": "\(error.file)", "reason": "\(error.reason); \(error.remedy)"]
            )
        case .ignored(let error):
            logger.warning(
                "authority ignored",
                metadata: ["file": "\(error.file)", "reason": "\(error.reason); \(error.remedy)"]
            )
        }
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
            logger.warning("certificate that clients reject", metadata: ["file": "\(file)", "reason": "\(remark)"])
        }
    }
}
