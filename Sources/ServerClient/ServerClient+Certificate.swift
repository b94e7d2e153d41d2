// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import CPlatform
package import Credentials
package import NIOCore
internal import NIOSSL
internal import NIOTLS

/// What a server presents in a TLS handshake, believed or not.
package struct PresentedCertificate: Sendable {
    /// The names of its certificate.
    package let names: CertificateNames
    /// Its certificate, and those that it sends with it.
    package let chain: CertificateChain
}

extension ServerClient {
    /// Completes a handshake, trusting any certificate, and sends no request.
    ///
    /// - Parameter address: Where the server is.
    /// - Returns: What it presents; nil if that cannot be read.
    /// - Throws: ``FetchError``, if it presents nothing.
    package func presentedCertificate(at address: SocketAddress) async throws(FetchError) -> PresentedCertificate? {
        let security = try security(for: .http1, as: .anyone, verifying: .noHostnameVerification)
        let presented = try await connecting(to: address) { channel, promise in
            let look = CertificateLook(promise)
            let tls = try NIOSSLClientHandler(
                context: security.context,
                serverHostname: security.serverName,
                customVerificationCallback: look.take
            )
            try channel.pipeline.syncOperations.addHandlers(tls, look)
        }
        return CertificateChain(presented).flatMap { chain in
            presented.first.map { PresentedCertificate(names: CertificateNames($0), chain: chain) }
        }
    }
}

/// Waits for the end of a handshake, and keeps a promise of what was presented in it.
private final class CertificateLook: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    private let promise: EventLoopPromise<[NIOSSLCertificate]>
    private var presented: [NIOSSLCertificate]?

    init(_ promise: EventLoopPromise<[NIOSSLCertificate]>) {
        self.promise = promise
    }

    /// Takes what is presented for good: nothing is asked, so nothing that is answered is believed.
    func take(_ certificates: [NIOSSLCertificate], _ verdict: EventLoopPromise<NIOSSLVerificationResult>) {
        presented = certificates
        verdict.succeed(.certificateVerified)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // Whoever goes away in the middle of a handshake is a line in the server's log.
        if case .handshakeCompleted? = event as? TLSUserEvent { settle(FetchError.tls(.ended)) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        settle(TLSFailure(error, at: platform_seconds()).map { FetchError.tls($0) } ?? error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        settle(FetchError.tls(.ended))
        context.fireChannelInactive()
    }

    private func settle(_ error: any Error) {
        if let presented { promise.succeed(presented) } else { promise.fail(error) }
    }
}
