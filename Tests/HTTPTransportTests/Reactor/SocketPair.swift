// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

#if os(Linux)
import Glibc
import Testing

/// Both ends of a connection.
final class SocketPair: Sendable {
    let client: CInt
    /// A reactor closes it.
    let server: CInt

    init() throws {
        var descriptors: [CInt] = [0, 0]
        let outcome = unsafe socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &descriptors)
        try #require(outcome == 0)
        (client, server) = (descriptors[0], descriptors[1])
        try #require(fcntl(server, F_SETFL, O_NONBLOCK) == 0)
    }

    /// Sends text as the client.
    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe Glibc.send(client, bytes, bytes.count, CInt(MSG_NOSIGNAL))
    }

    /// Sends text as the client, and returns the first of what comes; nothing if the connection was closed.
    func exchange(_ text: String) -> String {
        send(text)
        var answer = [UInt8](repeating: 0, count: 4096)
        let count = unsafe recv(client, &answer, answer.count, 0)
        return String(decoding: answer.prefix(max(count, 0)), as: UTF8.self)
    }

    deinit { _ = close(client) }
}
#endif
