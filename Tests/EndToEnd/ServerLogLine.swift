// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Foundation

/// One line of the server's log; fields that the tests do not look at are left out.
struct ServerLogLine: Decodable {
    /// What happened.
    let message: String
    /// Which port is meant, in a line that tells that the server listens.
    let listener: String?
    /// Where that port is.
    let address: String?
    /// What was asked for, in an access line.
    let path: String?
    /// The version of HTTP of the request.
    let `protocol`: String?
    /// The status of the answer.
    let status: Int?
    /// Why something was done, or was not.
    let reason: String?
    /// Who a client's certificate says that it is.
    let identity: String?
    /// Whether the request said that a peer made it.
    let fromPeer: Bool?
    /// What the client called the request.
    let requestID: String?
    /// How much content was sent.
    let bytes: Int?
    /// The digest of the module that was sent.
    let sha256: String?
    /// The digest of the module that it replaces, in a line that tells of a change.
    let previousDigest: String?

    /// How many modules are served as before, in a line that tells of something rejected.
    let stillServed: Int?
    /// How much the line matters.
    let level: String
    /// Whether all peers have told what they have; nil if they have.
    let allAnswered: Bool?

    private enum CodingKeys: String, CodingKey {
        case level, message, listener, address, path, `protocol`, status, reason, identity, bytes, sha256
        case fromPeer = "from_peer"
        case requestID = "request_id"
        case previousDigest = "previous_sha256"
        case stillServed = "still_served"
        case allAnswered = "all_answered"
    }

    /// All lines that a server wrote so far; a line that is not a JSON object is a failure.
    static func lines(of server: Program) throws -> [Self] {
        try server.errorLines.map { line in
            do {
                return try JSONDecoder().decode(Self.self, from: Data(line.utf8))
            } catch {
                throw Unexpected("a line of the server's log is not what was agreed: \(line)\n\(error)")
            }
        }
    }
}
