// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPService
import TestSupport
import Testing

@testable import HTTPProtocol
@testable import HTTPTransport

@Suite("A connection that ends with its answer")
struct LingeringConnectionTests {
    private static let interval = Duration.milliseconds(250)

    // The client owes nothing any more, however late it took what was left: less than counts as progress.
    @Test("is not cut as one that takes nothing when its client has just taken the rest")
    func takenLate() {
        let clock = TestClock(step: Self.interval)
        var limits = Limits()
        limits.deadlines.now = { clock.now() }
        let observer = LiveServer.Recorder()
        let registry = ConnectionRegistry.of(TextResponder(), observer: observer, limits: limits) { _, _ in }
        let socket = StillSocket()
        let connection = Connection(socket, from: .example, in: registry)
        registry.add(connection)
        connection.receive(Array("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8).span)
        #expect(socket.isOutputShut)
        func pass(_ time: Duration) {
            for _ in 0..<Int(time / Self.interval) {
                clock.advance()
                connection.checkDeadlines(at: clock.now(), nil)
            }
        }
        pass(limits.deadlines.stall - .seconds(2))
        #expect(socket.wasReset == nil)
        socket.hasUnacknowledgedOutput = false
        pass(.seconds(4))
        #expect(socket.wasReset == nil)
        pass(.seconds(2))
        #expect(socket.wasReset == false)
        #expect(observer.events == [.opened])
    }
}

/// Answers with a line.
private final class TextResponder: Responder {
    func respond(to request: Request, from client: ClientAddress) -> Reply { .now(.text("a")) }
}

/// A socket that takes everything, whose client has not acknowledged it until a test says so.
private final class StillSocket: ConnectionSocket {
    var hasUnacknowledgedOutput = true
    private(set) var isOutputShut = false
    /// Whether it was closed with a reset; nil as long as it is open.
    private(set) var wasReset: Bool?

    func send(_ output: OutputQueue) -> SendOutcome {
        output.advance(by: output.byteCount)
        return .sent
    }

    func check() {}
    func resumeReceiving() {}
    var mayCloseAtOnce: Bool { !hasUnacknowledgedOutput }
    func shutOutput() { isOutputShut = true }
    func close(resets: Bool) { wasReset = resets }
    func whenDelivered(_ response: DeferredResponse, _ receiver: @escaping (Response) -> Void) {}
    var acknowledged: Int? { 0 }
}
