// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import NIOCore

/// Bytes that can no longer change, with the digest that was computed after they no longer could.
///
/// There is no way to make one but ``SealedBlobWriter``, so whoever holds a blob holds verified bytes.
package struct SealedBlob: Sendable {
    /// The SHA-256 of the bytes.
    package let digest: Digest
    /// The bytes, in read-only pages.
    ///
    /// Slices share them; a copy is made only by who asks for one.
    package let bytes: ByteBuffer
    /// Which kind of memory holds the bytes.
    package var memory: SealedMemory { life.file == nil ? .protectedMapping : .memoryFile }

    /// What ends with its last user.
    package let life: SealedLife

    /// Hashes bytes that can no longer change.
    ///
    /// Only the writer, which made them so, may call it.
    init(bytes: ByteBuffer, file: MemoryFile?) {
        var hasher = DigestHasher()
        hasher.update(bytes.readableBytesUInt8Span)
        digest = hasher.digest
        self.bytes = bytes
        life = SealedLife(file)
    }

    /// How many bytes there are.
    package var count: Int { bytes.readableBytes }

    /// The memory file that `sendfile(2)` can send from, if there is one.
    ///
    /// It stays open as long as the blob is held.
    package var descriptor: Int32? { life.file?.descriptor }

    /// Has something live as long as the blob: until the last one lets go of it.
    ///
    /// - Parameter companion: What is let go of then.
    package func accompany(_ companion: any AnyObject & Sendable) { life.accompany(companion) }

    /// Calls `body` with the bytes.
    package func withSpan<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let view = bytes.readableBytesUInt8Span
        return try body(view)
    }
}
