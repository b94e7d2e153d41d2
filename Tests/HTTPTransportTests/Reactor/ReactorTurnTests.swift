// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

#if os(Linux)
import CPlatform
import Glibc
import HTTPSemantics
import HTTPService
import Synchronization
import TestSupport
import Testing

@testable import HTTPProtocol
@testable import HTTPTransport

@Suite("A reactor")
struct ReactorTurnTests {
    @Test("gives a client that sends without end no more than its turn, however long that goes on")
    func turns() async throws {
        let endless = try SocketPair()
        let other = try SocketPair()
        let counts = await withCheckedContinuation { continuation in
            Reactor.all[0].run { loop in
                let responder = TurnResponder(endless: endless.client, other: other.client) { counts in
                    continuation.resume(returning: counts)
                }
                let registry = ConnectionRegistry.of(responder) { loop.schedule(after: $0, $1) }
                let gate = AcceptGate.open
                for pair in [endless, other] {
                    let socket = ReactorSocket(pair.server, on: loop, behind: gate, bufferBudget: SendBufferBudget())
                    socket.begin(from: ClientAddress(.init(ipv4: 0x7f00_0001), port: 4711), in: registry)
                }
                responder.begin()
            }
        }
        let turns = zip(counts.dropFirst(), counts).map { $0 - $1 }
        #expect(turns.count == TurnResponder.turnCount - 1)
        #expect(turns.contains { $0 > 1 }, "the one client does send without end: \(turns)")
        #expect(turns.allSatisfy { $0 <= ReactorSocket.mostAtATime }, "\(turns)")
    }

    @Test("that was held up looks at what has come before it looks at deadlines")
    func heldUp() async throws {
        let (pair, order) = (try SocketPair(), Mailbox<String>())
        Reactor.all[0].run { loop in
            let key = try? loop.watch(pair.server, awaitingOutput: false, Reporter { order.put("input") })
            let start = platform_uptime_milliseconds()
            loop.schedule(after: .zero) {
                order.put("deadline")
                if let key { loop.unwatch(pair.server, key: key) }
                close(pair.server)
            }
            pair.send("as the deadline nears")
            while platform_uptime_milliseconds() - start < 200 {}
        }
        await order.await(count: 1) { $0 == "deadline" }
        #expect(order.all == ["input", "deadline"])
    }
}

/// Tells that something has happened.
private final class Reporter: ReactorWatcher {
    private let report: () -> Void

    init(_ report: @escaping () -> Void) { self.report = report }

    func isReady(_ readiness: platform_readiness) { report() }
}

/// Answers two clients, and sends for them on the reactor's thread: from the one there is always more than can be received, and the
/// other asks again as soon as it is answered, so that it is answered once each time that the reactor looks at its sockets.
private final class TurnResponder: Responder {
    private struct State {
        /// How many requests of the endless client were answered.
        var answered = 0
        /// How many that were whenever the other one was answered.
        var counts: [Int] = []
        /// How much of a request was sent last.
        var offset = 0
    }

    static let turnCount = 50
    /// As long as what is received at a time, so each of them is one time.
    private static let endlessRequest: [UInt8] = {
        let start = "GET /endless HTTP/1.1\r\nHost: a\r\n"
        let fields = ["A", "B"].map { "\($0): \(String(repeating: "a", count: 8000))\r\n" }.joined()
        let (name, end) = ("C: ", "\r\n\r\n")
        let rest = (16 << 10) - [start, fields, name, end].reduce(0) { $0 + $1.utf8.count }
        return Array((start + fields + name + String(repeating: "a", count: rest) + end).utf8)
    }()

    private let endless: CInt
    private let other: CInt
    private let whenDone: @Sendable ([Int]) -> Void
    private let state = Mutex(State())

    init(endless: CInt, other: CInt, whenDone: @escaping @Sendable ([Int]) -> Void) {
        (self.endless, self.other, self.whenDone) = (endless, other, whenDone)
    }

    /// Has both clients ask.
    func begin() {
        state.withLock { fill(&$0) }
        ask()
    }

    func respond(to request: Request, from client: ClientAddress) -> Reply {
        let counts = state.withLock { state -> [Int] in
            if request.path == "/endless" {
                state.answered += 1
                fill(&state)
            } else if state.counts.count < Self.turnCount {
                state.counts.append(state.answered)
                ask()
                return state.counts
            }
            return []
        }
        if counts.count == Self.turnCount {
            _ = (shutdown(endless, CInt(SHUT_RDWR)), shutdown(other, CInt(SHUT_RDWR)))
            whenDone(counts)
        }
        return .now(.text(""))
    }

    /// Takes the answers of the endless client, and sends as many requests as there is room for.
    private func fill(_ state: inout State) {
        var answers = [UInt8](repeating: 0, count: 4096)
        while unsafe recv(endless, &answers, answers.count, CInt(MSG_DONTWAIT)) > 0 {}
        while true {
            let rest = Array(Self.endlessRequest[state.offset...])
            let count = unsafe send(endless, rest, rest.count, CInt(MSG_DONTWAIT | MSG_NOSIGNAL))
            guard count > 0 else { return }
            state.offset = (state.offset + count) % Self.endlessRequest.count
        }
    }

    private func ask() {
        let request = Array("GET /turn HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        _ = unsafe send(other, request, request.count, CInt(MSG_DONTWAIT | MSG_NOSIGNAL))
    }
}

extension AcceptGate {
    /// A gate that lets anyone in.
    fileprivate static var open: AcceptGate {
        let limits = Limits.timeless
        let counter = ConnectionCounter(limit: limits.connections.count, now: limits.deadlines.now)
        return AcceptGate(nil, limits: limits.connections, counter: counter, observer: LiveServer.Recorder())
    }
}
#endif
