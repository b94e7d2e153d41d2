// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore
internal import NIOPosix

/// A few addresses of this machine for one test alone, and a port that is free at all of them.
///
/// The whole of 127.0.0.0/8 leads back to the machine (RFC 1122 §3.2.1.3). Outgoing connections come from 127.0.0.1, so
/// they never take one of these ports.
package struct LoopbackNetwork: Sendable {
    /// The port.
    package let port: Int

    private let prefix: String

    /// Picks addresses and a port.
    package init() async throws {
        port = try await Self.freePort()
        prefix = "127.\(Int.random(in: 1...254)).\(Int.random(in: 0...255))"
    }

    /// The address with a number from 1 to 254.
    package func host(_ number: Int) -> String { "\(prefix).\(number)" }

    /// A port that nobody listens on at any address, and that the system gives to no outgoing connection.
    ///
    /// - Returns: The port.
    /// - Throws: If none is found.
    package static func freePort() async throws -> Int {
        var failure: (any Error)?
        for _ in 0..<100 {
            let port = Int.random(in: 10_000..<30_000)
            do {
                let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                try await bootstrap.bind(host: "0.0.0.0", port: port).get().close()
                return port
            } catch {
                failure = error
            }
        }
        throw failure ?? ChannelError.eof
    }
}
