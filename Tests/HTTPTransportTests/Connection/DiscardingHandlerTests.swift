// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import NIOCore
import NIOEmbedded
import Testing

@testable import HTTPTransport

@Suite("What comes after a connection's end")
struct DiscardingHandlerTests {
    @Test("is thrown away up to the limit, and closes the connection beyond it")
    func limit() async throws {
        let channel = EmbeddedChannel()
        try channel.pipeline.syncOperations.addHandler(
            DiscardingHandler(limit: 1000) { channel.close(promise: nil) }
        )
        try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
        try channel.writeInbound(ByteBuffer(repeating: 7, count: 600))
        try channel.writeInbound(ByteBuffer(repeating: 7, count: 400))
        #expect(channel.isActive)
        try channel.writeInbound(ByteBuffer(repeating: 7, count: 1))
        #expect(!channel.isActive)
        #expect(try channel.readInbound(as: ByteBuffer.self) == nil)
    }
}
