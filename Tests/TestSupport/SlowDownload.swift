// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

/// A download that stops after its first bytes, so that a test can do something meanwhile.
package struct SlowDownload: Sendable {
    private let connection: RawConnection
    private let wire: WireProtocol

    /// Asks for a path, and waits until the answer has begun.
    package static func begin(_ path: String, port: Int, over wire: WireProtocol) async throws -> SlowDownload {
        let connection = try await RawConnection.open(port: port, over: wire, stalling: true)
        if wire.isHTTP2 {
            try await connection.send(HTTP2Frames.opening + HTTP2Frames.get(path) + HTTP2Frames.goAway)
        } else {
            try await connection.send("GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        }
        try await connection.awaitFirstBytes()
        return SlowDownload(connection: connection, wire: wire)
    }

    /// Reads the rest: the content of the answer.
    package func finish() async throws -> [UInt8] {
        try await connection.resume()
        let bytes = try await connection.everything()
        if wire.isHTTP2 { return HTTP2Frames(bytes).content(ofStream: 1) }
        let end = Array("\r\n\r\n".utf8)
        let start = bytes.indices.first { bytes[$0...].starts(with: end) } ?? bytes.endIndex
        return Array(bytes[start...].dropFirst(end.count))
    }
}
