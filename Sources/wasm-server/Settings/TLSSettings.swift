// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Credentials
internal import HTTPTransport

/// What `serve` is told of TLS.
struct TLSSettings: Equatable {
    /// The server's certificate and key, and whom its clients' certificates come from.
    var files: TLSFiles
    /// Which clients may fetch, of those with a valid certificate; empty for all of them.
    var allowedClients: [ClientIdentity] = []
    /// A port of its own, beside the plain one; nil if the data port speaks TLS.
    var port: Int?
}
