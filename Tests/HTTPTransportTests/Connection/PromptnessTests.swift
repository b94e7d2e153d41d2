// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport
import Testing

@testable import HTTPTransport

@Suite("Nothing waits in a connection that could be sent or read", .timeLimit(.minutes(5)))
struct PromptnessTests {
    @Test("an answer does not wait for the client to acknowledge another", arguments: WireProtocol.allCases)
    func nodelay(_ wire: WireProtocol) async throws {
        try await LiveServer.with(try .of(["plugin.wasm": WasmModule.plugin])) { server in
            let connection = try await server.connect(over: wire)
            try await connection.send(
                wire.isHTTP2 ? HTTP2Frames.opening : Array("HEAD /plugin.wasm HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
            )
            try await connection.awaitFirstBytes()
            let accepted = try Self.accepted(at: server.port(for: wire))
            #expect(accepted.map { Self.sendsAtOnce($0) } == [true])
            try await connection.reset()
        }
    }

    @Test("a request is seen that comes behind urgent data")
    func urgentData() async throws {
        let responder = PromisingResponder()
        try await LiveServer.with(responder: responder) { server in
            let connection = try await server.connect(over: .http1)
            try await connection.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
            await responder.awaitRequest(for: "/a")
            // Nothing more is read until the answer comes: then all of this is there.
            try await connection.send("GET /now HTTP/1.1\r\nHo")
            try await connection.sendUrgently(UInt8(ascii: "!"))
            try await connection.send("st: a\r\nConnection: close\r\n\r\n")
            responder.deliver("/a")
            let text = String(decoding: try await connection.everything(), as: UTF8.self)
            #expect(text.hasSuffix("now\n"))
        }
    }

    /// The descriptors of the connections that this process has accepted at a port.
    private static func accepted(at port: Int) throws -> [CInt] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { CInt($0) }.filter {
            unsafe Self.port(of: $0, getsockname) == port && Self.port(of: $0, getpeername) != nil
        }
    }

    private static func port(
        of descriptor: CInt,
        _ name: (CInt, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> CInt
    ) -> Int? {
        var (address, length) = (sockaddr_in(), socklen_t(MemoryLayout<sockaddr_in>.size))
        let outcome = unsafe withUnsafeMutablePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe name(descriptor, $0, &length) }
        }
        return outcome == 0 ? Int(UInt16(bigEndian: address.sin_port)) : nil
    }

    private static func sendsAtOnce(_ descriptor: CInt) -> Bool {
        var (value, length) = (CInt(0), socklen_t(MemoryLayout<CInt>.size))
        return unsafe getsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &value, &length) == 0 && value != 0
    }
}
