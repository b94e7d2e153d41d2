// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import NIOCore

@testable import Peers

extension PeerContent {
    /// Waits for all of it.
    func all() async throws(PeerError) -> [UInt8] {
        var bytes: [UInt8] = []
        while let chunk = try await next() { bytes += chunk.readableBytesView }
        return bytes
    }
}
