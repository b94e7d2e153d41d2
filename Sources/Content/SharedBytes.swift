// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import NIOCore
internal import Synchronization

/// A document's bytes, which all answers that are sending them share.
package struct SharedBytes: Sendable {
    /// The bytes.
    ///
    /// Slices share them, and so does whatever waits until a client takes them.
    package let buffer: ByteBuffer
    /// Lives as long as anyone holds them; nil if nobody wants to know.
    private let life: DocumentLife?

    /// Bytes of a document.
    package init(_ bytes: [UInt8]) {
        self.init(ByteBuffer(bytes: bytes), life: nil)
    }

    init(_ buffer: ByteBuffer, life: DocumentLife?) {
        self.buffer = buffer
        self.life = life
    }

    /// How many there are.
    package var count: Int { buffer.readableBytes }

    /// Their memory; valid as long as they are held.
    package var memory: UnsafeRawBufferPointer {
        // The buffer is never changed, so its storage stays where it is.
        unsafe buffer.withUnsafeReadableBytes { unsafe $0 }
    }

    /// A slice of them that shares their memory; its range is counted from 0 and lies within them.
    package func part(_ range: Range<Int>) -> SharedBytes {
        guard let part = buffer.getSlice(at: buffer.readerIndex + range.lowerBound, length: range.count) else {
            preconditionFailure("a range of a document lies within it")
        }
        return SharedBytes(part, life: life)
    }
}

/// Lives as long as anyone holds a version of a document.
final class DocumentLife: Sendable {}

/// The versions of a document that are still in memory: the present one, and each that a client takes its time to take.
package final class DocumentVersions: Sendable {
    private struct Version {
        weak var life: DocumentLife?
        let byteCount: Int
    }

    private let limit: Int
    private let versions = Mutex<[Version]>([])

    /// No versions yet; once all of them take `limit` bytes, no further one should be made.
    package init(limit: Int) {
        self.limit = limit
    }

    /// Makes the next version.
    package func next(_ bytes: [UInt8]) -> SharedBytes {
        let life = DocumentLife()
        versions.withLock { $0.append(Version(life: life, byteCount: bytes.count)) }
        return SharedBytes(ByteBuffer(bytes: bytes), life: life)
    }

    /// Whether there is room for one more: always for one beside the present one.
    package var haveRoom: Bool {
        versions.withLock { versions in
            versions.removeAll { $0.life == nil }
            return versions.count <= 1 || versions.reduce(0) { $0 + $1.byteCount } <= limit
        }
    }
}
