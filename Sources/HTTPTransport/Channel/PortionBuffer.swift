// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPProtocol
internal import NIOCore

/// The memory in which portions of output are handed to SwiftNIO, one for all connections of a thread.
///
/// TLS encrypts a portion into memory of its own before it is done with it. So the same memory serves the next, where a new
/// allocation of that size would be mapped and unmapped for each.
final class PortionBuffer {
    private var buffer = ByteBuffer()

    /// The most pieces in a portion.
    private static let pieceCount = 64

    /// Copies the beginning of what is to be sent, at most so many bytes.
    func portion(of output: OutputQueue, upTo limit: Int) -> ByteBuffer {
        // What someone still refers to is left to them.
        buffer.clear(minimumCapacity: min(output.byteCount, limit))
        unsafe output.withPieces(upTo: Self.pieceCount, bytes: limit, sparingFiles: false) { pieces, _ in
            for index in pieces.indices { _ = unsafe buffer.writeBytes(pieces[index]) }
        }
        return buffer
    }
}
