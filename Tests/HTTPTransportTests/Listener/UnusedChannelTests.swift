// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPService
import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import HTTPProtocol
@testable import HTTPTransport

/// As the channel of whoever was accepted when the port was closed.
@Suite("A channel that is closed before it was ever active", .timeLimit(.minutes(1)))
struct UnusedChannelTests {
    @Test("is no connection of the port any more")
    func isForgotten() async throws {
        let observer = LiveServer.Recorder()
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        let listener = ListenerContext(
            responder: TLSRequiredResponder(),
            observer: observer,
            limits: .timeless,
            date: DateField(now: { LiveServer.now }),
            selection: FieldSelection()
        )
        let registry = NIOLoopBoundBox.makeBoxSendingValue(
            ConnectionRegistry(
                of: 1,
                listener: listener,
                counter: ConnectionCounter(limit: 1, now: { .now }),
                schedule: { _, _ in }
            ),
            eventLoop: eventLoop
        )
        let gate = AcceptGate(
            nil,
            limits: Limits.timeless.connections,
            counter: ConnectionCounter(limit: 1, now: { .now }),
            observer: observer
        )
        let address = try #require(ClientAddress(try SocketAddress(ipAddress: "127.0.0.1", port: 1)))
        // Nobody listens there, so the channel never becomes active.
        let attempt = ClientBootstrap(group: eventLoop).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                let socket = ChannelSocket(channel, behind: gate, portion: 1, in: PortionBuffer())
                try channel.pipeline.syncOperations.addHandler(socket)
                _ = socket.begin(from: address, in: registry.value, isShakingHands: true)
            }
        }
        .connect(host: "127.0.0.1", port: try await LoopbackNetwork.freePort())
        await #expect(throws: (any Error).self) { _ = try await attempt.get() }
        await observer.awaitEvent(.closed)
        await withCheckedContinuation { empty in
            eventLoop.execute { registry.value.drain { empty.resume() } }
        }
    }
}
