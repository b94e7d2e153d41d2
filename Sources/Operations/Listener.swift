// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// A listener, by the name that metrics and logs give it.
package enum Listener: String, CaseIterable, Sendable {
    /// Modules, in the clear.
    case data
    /// Modules, over TLS.
    case tls
    /// Probes and metrics.
    case operations
}
