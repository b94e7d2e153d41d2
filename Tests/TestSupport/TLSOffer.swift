// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

package import NIOCore
internal import NIOPosix
package import NIOSSL

/// What a client offers in the first message of a TLS handshake (RFC 5246 §7.4.1.2, RFC 8446 §4.1.2).
package struct TLSOffer: Equatable, Sendable {
    /// The cipher suites, in the client's order.
    package private(set) var suites: [UInt16] = []
    /// The groups, of curves and others (extension 10).
    package private(set) var groups: [UInt16] = []
    /// The signature algorithms (extension 13).
    package private(set) var signatures: [UInt16] = []
    /// The versions (extension 43); none of a client that does not know TLS 1.3.
    package private(set) var versions: [UInt16] = []

    /// Reads the record that a client begins with.
    package init?(_ record: ByteBuffer) {
        var bytes = record
        // The record's head, the message's, the legacy version and the random bytes.
        guard bytes.readBytes(length: 5 + 4 + 2 + 32) != nil, bytes.readLengthPrefixedSlice(as: UInt8.self) != nil,
            let suites = bytes.readLengthPrefixedSlice(as: UInt16.self),
            bytes.readLengthPrefixedSlice(as: UInt8.self) != nil,
            var extensions = bytes.readLengthPrefixedSlice(as: UInt16.self)
        else { return nil }
        self.suites = Self.numbers(in: suites)
        while let type = extensions.readInteger(as: UInt16.self),
            var content = extensions.readLengthPrefixedSlice(as: UInt16.self)
        {
            switch type {
            case 10: groups = content.readLengthPrefixedSlice(as: UInt16.self).map(Self.numbers) ?? []
            case 13: signatures = content.readLengthPrefixedSlice(as: UInt16.self).map(Self.numbers) ?? []
            case 43: versions = content.readLengthPrefixedSlice(as: UInt8.self).map(Self.numbers) ?? []
            default: break
            }
        }
    }

    /// What a client offers that connects to a port, which then hangs up.
    ///
    /// - Parameter connect: Has a client connect to the port.
    /// - Returns: What the first one offers.
    /// - Throws: What `connect` does, or if there is no port to listen on.
    package static func first(_ connect: (Int) async throws -> Void) async throws -> TLSOffer? {
        let group = MultiThreadedEventLoopGroup.singleton
        let promise = group.next().makePromise(of: ByteBuffer.self)
        let channel = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(FirstRecord(promise))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            try await connect(channel.localAddress?.port ?? 0)
            let record = try await promise.futureResult.get()
            try await channel.close()
            return TLSOffer(record)
        } catch {
            promise.fail(error)
            try? await channel.close()
            throw error
        }
    }

    /// Begins a handshake on a port as a configuration of swift-nio-ssl has it.
    package static func beginHandshake(_ configuration: TLSConfiguration, port: Int) async throws {
        let context = try NIOSSLContext(configuration: configuration)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let tls = try NIOSSLClientHandler(context: context, serverHostname: "localhost")
                    try channel.pipeline.syncOperations.addHandler(tls)
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        try await channel.closeFuture.get()
    }

    private static func numbers(in bytes: ByteBuffer) -> [UInt16] {
        var bytes = bytes
        var numbers: [UInt16] = []
        while let number = bytes.readInteger(as: UInt16.self) { numbers.append(number) }
        return numbers
    }

    /// Keeps a promise of the first record, and hangs up.
    private final class FirstRecord: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let promise: EventLoopPromise<ByteBuffer>
        private var received = ByteBuffer()

        init(_ promise: EventLoopPromise<ByteBuffer>) {
            self.promise = promise
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var bytes = unwrapInboundIn(data)
            received.writeBuffer(&bytes)
            guard let length = received.getInteger(at: received.readerIndex + 3, as: UInt16.self),
                received.readableBytes >= 5 + Int(length)
            else { return }
            promise.succeed(received)
            context.close(promise: nil)
        }
    }
}
