// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import NIOCore
import NIOEmbedded
import Testing

@testable import HTTPTransport

@Suite("The pace of output over TLS")
struct FlushChunkerTests {
    @Test("is a flush for each portion, though its writer flushes once for all")
    func portions() throws {
        let channel = EmbeddedChannel(handler: FlushChunker(portion: 100))
        for _ in 0..<5 { channel.write(ByteBuffer(repeating: 7, count: 60), promise: nil) }
        // Two portions of 120 bytes have gone out, and the fifth write waits for its writer's flush.
        var sizes: [Int] = []
        while let bytes = try channel.readOutbound(as: ByteBuffer.self) { sizes.append(bytes.readableBytes) }
        #expect(sizes == [60, 60, 60, 60])
        channel.flush()
        #expect(try channel.readOutbound(as: ByteBuffer.self)?.readableBytes == 60)
    }
}
