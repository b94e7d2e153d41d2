// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content

extension SealedBlob {
    /// These bytes, sealed.
    static func of(_ bytes: [UInt8]) throws -> SealedBlob {
        var writer = try SealedBlobWriter()
        try writer.append(bytes.span)
        return try writer.seal()
    }
}
