// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import HTTPTransport
internal import ServiceLifecycle

/// The ports that serve modules: they drain together.
struct DataPorts: Service {
    let servers: [HTTPServer]

    func run() async throws {
        try await withThrowingTaskGroup { group in
            for server in servers { group.addTask { try await server.run() } }
            try await group.waitForAll()
        }
    }
}
