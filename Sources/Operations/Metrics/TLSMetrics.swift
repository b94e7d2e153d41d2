// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Metrics

/// The metrics of the TLS files; without TLS, there are none.
package final class TLSMetrics: Sendable {
    private let expiry: Meter
    private let authorityExpiry: Meter?
    private let failures: Counter
    private let isCurrent: Meter

    /// The metrics of a certificate, and of the authority that expires first, if any is named; both expire at a time in
    /// seconds since 1970.
    package init(in registry: PrometheusRegistry, expiry: Int64, authorityExpiry: Int64? = nil) {
        self.expiry = MetricName.certificateExpiry.gauge(in: registry)
        failures = MetricName.reloadFailures.counter(in: registry)
        isCurrent = MetricName.reloadSuccessful.gauge(in: registry)
        self.authorityExpiry = authorityExpiry.map { _ in MetricName.authorityExpiry.gauge(in: registry) }
        certificateLoaded(expiry: expiry)
        authoritiesExpire(at: authorityExpiry)
    }

    /// Notes when the first authority of clients and peers expires, in seconds since 1970; nil if none is named.
    package func authoritiesExpire(at expiry: Int64?) {
        guard let expiry else { return }
        authorityExpiry?.set(expiry)
    }

    /// Records that the files as they are now are in use; the certificate expires at a time in seconds since 1970.
    package func certificateLoaded(expiry: Int64) {
        self.expiry.set(expiry)
        isCurrent.set(1)
    }

    /// The files as they are now cannot be used; those before stay in use.
    package func reloadFailed() {
        failures.increment()
        isCurrent.set(0)
    }
}
