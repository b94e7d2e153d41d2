// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
internal import NIOCore
internal import NIOSSL
internal import NIOTLS

/// Waits for the TLS handshake, looks what was agreed on, and then has the connection speak it.
final class HandshakeAwaiter: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let version: FetchRequest.Version
    private let tls: NIOSSLClientHandler
    private let trust: ClientTLS
    private let answer: FetchAnswer
    private let speak: (ChannelPipeline.SynchronousOperations) throws -> Void

    init(
        _ version: FetchRequest.Version,
        behind tls: NIOSSLClientHandler,
        trusting trust: ClientTLS,
        _ answer: FetchAnswer,
        _ speak: @escaping (ChannelPipeline.SynchronousOperations) throws -> Void
    ) {
        (self.version, self.tls, self.trust, self.answer, self.speak) = (version, tls, trust, answer, speak)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case TLSUserEvent.handshakeCompleted(let agreed)? = event as? TLSUserEvent else { return }
        if version == .http2, agreed != "h2" {
            answer.fail(FetchError.otherProtocol("HTTP/2"))
            context.close(promise: nil)
            return
        }
        do {
            try speak(context.pipeline.syncOperations)
        } catch {
            answer.fail(error)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        answer.fail(FetchError.tls(.ended))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let failure = TLSFailure(
            error,
            presented: tls.peerCertificate,
            trusting: trust.anchors,
            at: platform_seconds()
        )
        answer.fail(failure.map { FetchError.tls($0) } ?? error)
        context.close(promise: nil)
    }
}

/// Tells an answer of what goes wrong with its connection.
final class ConnectionErrors: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    private let answer: FetchAnswer

    init(_ answer: FetchAnswer) {
        self.answer = answer
    }

    func channelInactive(context: ChannelHandlerContext) {
        answer.fail(FetchError.cut)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        answer.fail(error)
        context.close(promise: nil)
    }
}
