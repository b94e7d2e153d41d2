// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore
internal import NIOPosix

/// Where to listen.
package struct Endpoint: Hashable, Sendable {
    /// An address or a name of this machine; nil for every address of both families.
    package let host: String?
    /// A port; 0 for any that is free.
    package let port: Int

    /// An endpoint from its parts.
    package init(host: String?, port: Int) {
        self.host = host
        self.port = port
    }

    /// Opens the port.
    func bind(_ bootstrap: ServerBootstrap) async throws(BindError) -> any Channel {
        do {
            guard let host else { return try await bindEveryAddress(bootstrap) }
            return try await bootstrap.bind(host: host, port: port).get()
        } catch {
            throw BindError(endpoint: self, cause: error)
        }
    }

    /// Listens for both families on one socket; where the machine has no IPv6, for IPv4 alone.
    private func bindEveryAddress(_ bootstrap: ServerBootstrap) async throws -> any Channel {
        do {
            return try await bootstrap.bind(host: "::", port: port).get()
        } catch let error as IOError where BindError.saysThatFamilyIsMissing(error) {
            return try await bootstrap.bind(host: "0.0.0.0", port: port).get()
        }
    }
}
