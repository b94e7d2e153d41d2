// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPSemantics
import HTTPService
import TestSupport
import Testing

@testable import HTTPProtocol
@testable import HTTPTransport

/// RFC 9110 §15.5.1: what a client has got wrong is answered with 400, which is to say what.
@Suite("Plain HTTP at the port of TLS")
struct PlainOnTLSPortTests {
    private static let words = "This port speaks TLS, and plain HTTP was sent; use an https:// URL."

    /// What `curl` prints and says of a request for a module without TLS.
    private func curl(_ options: [String], _ scene: TLSScene) async throws -> String {
        let url = "http://127.0.0.1:\(scene.server.securePort)/plugin.wasm"
        return try await CommandLineTool.require(
            ["curl", "--silent", "--show-error", "--max-time", "10", "--write-out", "%{http_version} %{response_code}"]
                + options + [url]
        )
    }

    @Test(
        "is answered by a 400 that says so, whether client certificates are demanded or not",
        arguments: [true, false]
    )
    func answered(_ demandsCertificates: Bool) async throws {
        try await TLSScene.with(demandingClients: demandsCertificates) { scene in
            let output = try await curl([], scene)
            #expect(output.contains(Self.words))
            #expect(output.hasSuffix("1.1 400"))
            #expect(await scene.events() == [.opened, .handshakeFailed(.plainHTTP), .closed])
            #expect(scene.server.observer.exchanges.map(\.response.head.status) == [.badRequest])
        }
    }

    @Test("is answered so with HTTP/2 by prior knowledge, too")
    func http2() async throws {
        try await TLSScene.with { scene in
            let output = try await curl(["--http2-prior-knowledge"], scene)
            #expect(output.contains(Self.words))
            #expect(output.hasSuffix("2 400"))
            #expect(await scene.events() == [.opened, .handshakeFailed(.plainHTTP), .closed])
        }
    }

    @Test("gets no second answer on a connection")
    func last() async throws {
        try await TLSScene.with { scene in
            let connection = try await RawConnection.open(port: scene.server.securePort)
            try await connection.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n")
            let answer = String(decoding: try await connection.everything(), as: UTF8.self)
            #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
            #expect(answer.contains("\r\nconnection: close\r\n"))
            #expect(answer.ranges(of: "HTTP/1.1 ").count == 1)
        }
    }

    @Test("may come a byte at a time")
    func slow() async throws {
        try await TLSScene.with { scene in
            let connection = try await RawConnection.open(port: scene.server.securePort)
            for byte in "GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8 { try await connection.send([byte]) }
            let answer = String(decoding: try await connection.everything(), as: UTF8.self)
            #expect(answer.contains(Self.words))
        }
    }

    /// What else is sent there by mistake, what it is called, and what the answer says.
    struct Mistake: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]
        let failure: ConnectionEvent.HandshakeFailure
        let words: String
    }

    /// HAProxy's PROXY protocol, §2.1 and §2.2.
    private static let mistakes = [
        Mistake(
            testDescription: "a header of the PROXY protocol",
            bytes: Array("PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n".utf8) + [22, 3, 1],
            failure: .proxyProtocol,
            words: "PROXY protocol"
        ),
        Mistake(
            testDescription: "a header of the PROXY protocol that knows nothing",
            bytes: Array("PROXY UNKNOWN\r\n\r\n".utf8),
            failure: .proxyProtocol,
            words: "PROXY protocol"
        ),
        Mistake(
            testDescription: "a binary header of the PROXY protocol",
            bytes: [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a, 0x20, 0, 0, 0],
            failure: .proxyProtocol,
            words: "PROXY protocol"
        ),
        Mistake(
            testDescription: "another protocol",
            bytes: Array("SSH-2.0-OpenSSH_9.2\r\n\r\n".utf8),
            failure: .notTLS,
            words: "400"
        ),
        Mistake(testDescription: "zeros", bytes: [0, 0, 0, 0], failure: .notTLS, words: "400"),
        Mistake(
            testDescription: "a hello of SSL 2.0",
            bytes: [0x80, 0x2e, 0x01, 0x03, 0x01, 0, 0x15, 0, 0, 0, 0x10],
            failure: .notTLS,
            words: "400"
        ),
        Mistake(
            testDescription: "a tunnel",
            bytes: Array("CONNECT a:1 HTTP/1.1\r\n\r\n".utf8),
            failure: .plainHTTP,
            words: "400"
        ),
    ]

    @Test("and other things are told apart, and answered", arguments: mistakes)
    func others(_ mistake: Mistake) async throws {
        try await TLSScene.with { scene in
            let connection = try await RawConnection.open(port: scene.server.securePort)
            try await connection.send(mistake.bytes)
            let answer = String(decoding: try await connection.everything(), as: UTF8.self)
            #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
            #expect(answer.contains(mistake.words))
            #expect(await scene.events() == [.opened, .handshakeFailed(mistake.failure), .closed])
        }
    }

    @Test("of the PROXY protocol are named at the plain port as well", arguments: mistakes.prefix(3))
    func plainPort(_ mistake: Mistake) async throws {
        try await TLSScene.with { scene in
            let connection = try await RawConnection.open(port: scene.server.port)
            try await connection.send(mistake.bytes)
            let answer = String(decoding: try await connection.everything(), as: UTF8.self)
            #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
            #expect(answer.contains(mistake.words))
        }
    }
}
