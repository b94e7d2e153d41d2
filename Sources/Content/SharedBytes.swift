// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import NIOCore

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

    /// Some of them.
    ///
    /// - Parameter range: Which, counted from 0; it lies within them.
    /// - Returns: A slice, which shares them.
    package func part(_ range: Range<Int>) -> SharedBytes {
        guard let part = buffer.getSlice(at: buffer.readerIndex + range.lowerBound, length: range.count) else {
            preconditionFailure("a range of a document lies within it")
        }
        return SharedBytes(part, life: life)
    }
}
