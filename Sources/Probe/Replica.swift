// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import NIOCore

/// One server behind a name.
struct Replica {
    /// Where it is.
    let address: SocketAddress
    /// Whether it is a Wasm Server, which serves by digest.
    let isOurs: Bool
    /// What it announces, by path.
    var digests: [String: Digest] = [:]
}
