// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Credentials
internal import HTTPProtocol
internal import HTTPService
internal import NIOCore
internal import NIOSSL

/// Tells by a connection's first bytes whether its client speaks TLS, on a port where it should, then makes way.
///
/// Whoever does not is answered in the clear, and that it is TLS that is spoken here: a connection that merely ends tells a
/// person nothing.
final class EncryptionDetector: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let connection: Connection
    private let socket: ChannelSocket
    private let security: TransportSecurity
    private var received = ByteBuffer()

    /// The first byte of a TLS record that carries a handshake (RFC 8446 §5.1), with which every client begins.
    private static let handshake: UInt8 = 0x16

    init(_ connection: Connection, over socket: ChannelSocket, _ security: TransportSecurity) {
        (self.connection, self.socket, self.security) = (connection, socket, security)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        received.writeBuffer(&bytes)
        guard let first = received.readableBytesView.first else { return }
        if first == Self.handshake {
            encrypt(context)
        } else if let failure = ConnectionEvent.HandshakeFailure(opening: received.readableBytesView) {
            connection.tell(.handshakeFailed(failure))
            connection.refuseInTheClear()
            makeWay(context)
        }
    }

    private func encrypt(_ context: ChannelHandlerContext) {
        let credentials = security.credentials.current
        let tls = NIOSSLServerHandler(context: credentials.context)
        let reader = HandshakeReader()
        let gate = CloseGate(of: socket)
        let handlers: [any ChannelHandler] = [gate, reader, tls, HandshakeHandler(connection, tls, security, reader)]
        do {
            try context.pipeline.syncOperations.addHandlers(handlers, position: .after(self))
        } catch {
            connection.close()
            return
        }
        socket.encrypt(with: tls, behind: gate)
        connection.handshakeBegan(of: credentials.generation)
        makeWay(context)
    }

    private func makeWay(_ context: ChannelHandlerContext) {
        context.fireChannelRead(NIOAny(received))
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
}

extension ConnectionEvent.HandshakeFailure {
    /// What is not TLS at the beginning of a connection where TLS is expected; nil as long as it may still become
    /// several things.
    init?(opening bytes: ByteBufferView) {
        var isOpen = false
        for (failure, beginning) in Self.beginnings {
            if bytes.starts(with: beginning) {
                self = failure
                return
            }
            isOpen = isOpen || beginning.starts(with: bytes)
        }
        guard !isOpen else { return nil }
        self = .notTLS
    }

    /// The methods of RFC 9110 §9 and RFC 5789 and the preface of HTTP/2 (RFC 9113 §3.4); and the two forms of HAProxy's PROXY
    /// protocol (§2.1, §2.2).
    private static let beginnings: [(ConnectionEvent.HandshakeFailure, [UInt8])] =
        ["GET ", "HEAD ", "POST ", "PUT ", "DELETE ", "CONNECT ", "OPTIONS ", "TRACE ", "PATCH ", "PRI * HTTP/2.0\r\n"]
        .map { (.plainHTTP, Array($0.utf8)) }
        + [
            (.proxyProtocol, Array("PROXY ".utf8)),
            (.proxyProtocol, [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]),
        ]
}
