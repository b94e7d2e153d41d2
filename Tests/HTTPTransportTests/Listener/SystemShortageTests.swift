// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

#if os(Linux)
import CPlatform
import Glibc
import HTTPService
import NIOCore
import TestSupport
import Testing

@testable import HTTPProtocol
@testable import HTTPTransport

/// As where a user's processes wait for as many sockets as they may; a file that epoll(7) never takes stands for the listening socket.
@Suite("A listening socket that the system does not watch", .timeLimit(.minutes(5)))
struct SystemShortageTests {
    @Test("is not opened")
    func start() async throws {
        let address = try SocketAddress(ipAddress: "127.0.0.1", port: 0)
        let error = await #expect(throws: SocketError.self) {
            try await ReactorPort(address, backlog: 8) { descriptor in
                Unwatchable.replace(descriptor)
                return AcceptGate.ofOne(descriptor, LiveServer.Recorder())
            } registry: { _, schedule in
                .of(PromisingResponder(), schedule: schedule)
            }
        }
        // epoll_ctl(2): "The target file fd does not support epoll."
        #expect(error?.number == EPERM)
    }

    @Test(
        "is told with what is lacking and what helps",
        arguments: [
            (ENOSPC, "fs.epoll.max_user_watches"), (EMFILE, "ulimit -n"), (ENFILE, "fs.file-max"),
            (ENOMEM, "memory limit"),
        ]
    )
    func message(_ number: CInt, _ remedy: String) {
        let cause = BindError.Cause(SocketError(number: number))
        let text = "\(BindError(endpoint: Endpoint(host: nil, port: 8080), cause: cause))"
        #expect(text.contains("port 8080"))
        #expect(text.contains(remedy))
    }

    @Test("after a pause is watched as soon as it can be, and that it cannot is told")
    func later() async throws {
        let observer = LiveServer.Recorder()
        let (descriptor, listening) = (Unwatchable.open(), try ListeningSocket())
        let gate = AcceptGate.ofOne(descriptor, observer)
        let reactor = Reactor.all[0]
        // No port's number is negative.
        let id = -1
        gate.whenPauseChanges { reactor.run { $0.acceptors[id]?.pauseChanged() } }
        reactor.run { loop in
            let registry = ConnectionRegistry.of(PromisingResponder()) { loop.schedule(after: $0, $1) }
            // It is full, and nobody is waited for.
            _ = gate.mayAccept()
            gate.pauseIfFull(registry.schedule)
            loop.acceptors[id] = try? Acceptor(
                descriptor,
                gate,
                on: loop,
                into: registry,
                bufferBudget: SendBufferBudget()
            )
            gate.removed(nil)
        }
        await observer.awaitEvent(.acceptingPaused(.systemLimit))
        dup2(listening.descriptor, descriptor)
        let reply = try await RawConnection.exchange(
            "GET /now HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
            port: listening.port
        )
        #expect(reply.contains("now"))
        await reactor.finish { loop in
            loop.acceptors[id]?.stop()
            loop.acceptors[id] = nil
        }
        close(descriptor)
    }

    @Test("costs no connection that was accepted: it is watched as soon as it can be, and that it cannot is told")
    func accepted() async throws {
        let (observer, pair, key) = (LiveServer.Recorder(), try SocketPair(), Mailbox<Int>())
        let gate = AcceptGate.ofOne(nil, observer)
        let reactor = Reactor.all[0]
        await reactor.finish { loop in
            // epoll_ctl(2) takes no socket twice.
            if let taken = try? loop.watch(pair.server, awaitingOutput: false, Bystander()) { key.put(taken) }
            let registry = ConnectionRegistry.of(PromisingResponder()) { loop.schedule(after: $0, $1) }
            _ = gate.mayAccept()
            let socket = ReactorSocket(pair.server, on: loop, behind: gate, bufferBudget: SendBufferBudget())
            socket.begin(from: .example, in: registry)
        }
        await observer.awaitEvent(.acceptingPaused(.systemLimit))
        let taken = try #require(key.all.first)
        await reactor.finish { $0.unwatch(pair.server, key: taken) }
        #expect(pair.exchange("GET /now HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").contains("now"))
    }
}

/// Waits for nothing.
private final class Bystander: ReactorWatcher {
    func isReady(_ readiness: platform_readiness) {}
}

/// A file for which epoll(7) does not wait: one of the system's that is always ready.
private enum Unwatchable {
    static func open() -> CInt { unsafe Glibc.open("/dev/null", O_RDWR | O_CLOEXEC) }

    /// Puts it in the place of a socket.
    static func replace(_ descriptor: CInt) {
        let file = open()
        dup2(file, descriptor)
        close(file)
    }
}

/// A socket of the loopback interface at which connections wait.
private final class ListeningSocket {
    let descriptor: CInt
    let port: Int

    init() throws {
        descriptor = try unsafe SocketAddress(ipAddress: "127.0.0.1", port: 0).withSockAddr { address, length in
            unsafe platform_listen(address, UInt32(length), 8)
        }
        var local = platform_address()
        try #require(unsafe platform_local_address(descriptor, &local) == 0)
        port = Int(local.port)
    }

    deinit { close(descriptor) }
}

extension AcceptGate {
    /// A gate that lets one connection in at a time.
    fileprivate static func ofOne(_ descriptor: CInt?, _ observer: LiveServer.Recorder) -> AcceptGate {
        var limits = Limits.timeless
        limits.connections.count = 1
        let counter = ConnectionCounter(limit: 1, now: limits.deadlines.now)
        return AcceptGate(descriptor, limits: limits.connections, counter: counter, observer: observer)
    }
}
#endif
