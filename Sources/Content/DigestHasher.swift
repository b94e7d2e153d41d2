// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Crypto

/// Computes a SHA-256 digest piece by piece.
package struct DigestHasher {
    private var function = SHA256()

    /// A hasher that has seen nothing.
    package init() {}

    /// Takes the next bytes in.
    package mutating func update(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBytes { bytes in
            unsafe function.update(bufferPointer: bytes)
        }
    }

    /// The digest of all bytes so far.
    package var digest: Digest { Digest(function.finalize()) }
}
