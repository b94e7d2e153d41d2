// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation
import TestSupport

/// The document at `/modules`, as a tool reads it.
struct ModulesDocument: Decodable {
    /// One module.
    struct Entry: Decodable {
        /// `admitted` or `rejected`.
        let verdict: String
        /// `current`, `kept` or `rejected`.
        let state: String?
        /// Since when it is.
        let since: String?
        /// When its bytes were last fetched.
        let lastFetched: String?
        /// Why it is rejected.
        let reason: String?
        /// Where it is served by name.
        let path: String?
        /// Its digest.
        let sha256: String?
        /// In bytes.
        let size: Int?
    }

    /// All that there are.
    let modules: [Entry]

    /// Those in a state.
    func modules(_ state: String) -> [Entry] { modules.filter { $0.state == state } }
}

extension WasmServer {
    /// Sends a request with a connection of its own.
    func fetch(_ request: TestRequest, over wire: WireProtocol = .http1) async throws -> TestReply {
        try await HTTPClient.fetch(request, host: host, port: port, over: wire)
    }

    /// What the server lists.
    func modules() async throws -> ModulesDocument {
        let reply = try await fetch(TestRequest("GET", "/modules"))
        return try JSONDecoder().decode(ModulesDocument.self, from: Data(reply.content))
    }
}
