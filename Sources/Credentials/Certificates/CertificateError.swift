// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// Why nothing can be said of a certificate.
package enum CertificateError: Error, Hashable, Sendable {
    /// It is not built as RFC 5280 has it.
    case unreadable
}
