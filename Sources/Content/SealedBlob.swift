// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import NIOCore
internal import Synchronization

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

    /// The read-only pages; valid as long as the blob is held.
    package var pages: UnsafeRawBufferPointer {
        // The buffer's storage is the mapping, which is undone with its last holder.
        unsafe bytes.withUnsafeReadableBytes { unsafe $0 }
    }

    /// The memory file that `sendfile(2)` can send from, if there is one.
    ///
    /// It stays open as long as the blob is held.
    package var descriptor: Int32? { life.file?.descriptor }

    /// Keeps `companion` alive as long as the blob.
    package func accompany(_ companion: any AnyObject & Sendable) { life.accompany(companion) }

    /// Calls `body` with the bytes.
    package func withSpan<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let view = bytes.readableBytesUInt8Span
        return try body(view)
    }
}

/// What ends with the last one who holds a blob: its descriptor, and whatever was to live as long.
package final class SealedLife: Sendable {
    private struct Entry {
        let tally: SealedTally
        let byteCount: Int
    }

    /// The memory file that has the bytes, if there is one.
    let file: MemoryFile?

    private let entry = Mutex<Entry?>(nil)
    private let companion = Mutex<(any AnyObject & Sendable)?>(nil)

    init(_ file: MemoryFile?) {
        self.file = file
    }

    deinit {
        if let entry = entry.withLock(\.self) { entry.tally.add(-1, of: -entry.byteCount) }
    }

    /// Whether the bytes are only held by someone who has begun to use them, and their memory is needed for others.
    package var isAwaited: Bool { entry.withLock { $0?.tally }?.isAwaited ?? false }

    /// Counts the bytes in a tally from now on, unless one does already.
    func enter(_ tally: SealedTally, as byteCount: Int) {
        let isNew = entry.withLock { entry in
            guard entry == nil else { return false }
            entry = Entry(tally: tally, byteCount: byteCount)
            return true
        }
        if isNew { tally.add(1, of: byteCount) }
    }

    /// Keeps something alive as long.
    func accompany(_ companion: any AnyObject & Sendable) {
        self.companion.withLock { $0 = companion }
    }
}
