// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import HTTPService
import NIOCore
import NIOEmbedded
import Testing

@testable import HTTPTransport

@Suite("The gate of an HTTP/2 client's requests")
struct HTTP2ReadGateTests {
    /// A socket that takes nothing until it is told to.
    private final class Socket: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        var takes = false

        func flush(context: ChannelHandlerContext) {
            if takes { context.flush() }
        }
    }

    private let channel = EmbeddedChannel()
    private let socket = Socket()
    private let connection: Connection
    private let gate: HTTP2ReadGate

    init() throws {
        try channel.pipeline.syncOperations.addHandler(socket)
        let listener = ListenerContext(
            responder: PromisingResponder(),
            observer: LiveServer.Recorder(),
            limits: Limits(),
            date: DateField(now: { HTTPDate(seconds: 1_795_000_000) }),
            selection: FieldSelection()
        )
        connection = Connection(channel, expectsTLS: false, listener: listener)
        gate = HTTP2ReadGate(connection, HTTP2Streams(limit: 100))
    }

    /// Writes frames of the size that an answer to HEAD has whose fields are all in the client's table, and no flush.
    private func write(_ count: Int) {
        for _ in 0..<count {
            channel.write(ByteBuffer(repeating: 0, count: 18), promise: nil)
            gate.frameWasWritten()
        }
    }

    @Test("is closed behind a hundred frames that the socket does not take, however small, until it has taken all")
    func unsent() {
        write(99)
        #expect(gate.mayPass())
        write(1)
        #expect(connection.isWritable)
        #expect(!gate.mayPass())
        #expect(!gate.isOpen)
        #expect(!gate.mayRead())
        #expect(!gate.reopenIfPossible())
        socket.takes = true
        channel.flush()
        #expect(gate.reopenIfPossible())
        #expect(gate.mayPass())
        #expect(gate.takeRead())
        #expect(!gate.reopenIfPossible())
    }

    @Test("has what was written sent, and stays open as long as the socket takes it")
    func sent() {
        socket.takes = true
        for _ in 0..<10 {
            write(100)
            #expect(gate.mayPass())
            #expect(connection.unsentBytes == 0)
        }
    }
}
