// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import Credentials

/// What makes a listener speak TLS.
package struct TransportSecurity: Sendable {
    /// Who the server is, and which clients may fetch; each connection gets those of the moment.
    package let credentials: TLSCredentials
    /// Which of the clients that have a valid certificate may fetch.
    package let allowedClients: AllowedClients

    /// Security from its parts.
    package init(credentials: TLSCredentials, allowedClients: AllowedClients) {
        self.credentials = credentials
        self.allowedClients = allowedClients
    }
}
