// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Credentials
internal import HTTPTransport

extension Settings {
    /// Loads and judges the certificate; nil if there is to be none.
    ///
    /// - Throws: ``CommandFailure`` if it cannot be used.
    func credentials() throws(CommandFailure) -> TLSCredentials? {
        guard let files = tls.files else { return nil }
        do {
            return try TLSCredentials(files, forPeers: uses(.peers), allowing: AllowedClients(tls.allowedClients))
        } catch {
            throw CommandFailure(.configuration, error.description)
        }
    }
}
