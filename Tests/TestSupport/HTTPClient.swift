// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import NIOCore

/// A request as a test writes it.
package struct TestRequest: Sendable {
    var method: String
    var path: String
    var fields: [(String, String)]
    var content: [UInt8]?

    /// A request from its parts; `content` is announced with its length.
    package init(
        _ method: String = "GET",
        _ path: String,
        _ fields: [(String, String)] = [],
        content: [UInt8]? = nil
    ) {
        self.method = method
        self.path = path
        self.fields = fields
        self.content = content
    }
}

/// An answer as a test reads it.
package struct TestReply: Sendable {
    /// The status code.
    package var status = 0
    /// The fields, with names in lowercase, without those that concern the connection alone.
    package var fields: [String: [String]] = [:]
    /// The content.
    package var content: [UInt8] = []

    /// The only value of a field; nil if there is none or more than one.
    package subscript(_ name: String) -> String? {
        fields[name]?.count == 1 ? fields[name]?.first : nil
    }

    mutating func add(_ name: String, _ value: String) {
        guard name != "connection" else { return }
        fields[name, default: []].append(value)
    }

    /// The content as text.
    package var text: String { String(decoding: content, as: UTF8.self) }
}

/// Fetches with a connection of its own, by swift-nio's client codecs.
package enum HTTPClient {
    /// Sends a request to a port of this machine and waits for the whole answer.
    ///
    /// - Parameters:
    ///   - request: What to ask for.
    ///   - host: The address to connect to.
    ///   - port: The port to connect to.
    ///   - wire: The protocol.
    /// - Returns: The answer.
    /// - Throws: When the connection ends before the answer does.
    package static func fetch(
        _ request: TestRequest,
        host: String = "127.0.0.1",
        port: Int,
        over wire: WireProtocol
    ) async throws -> TestReply {
        if wire.isHTTP2 {
            try await HTTP2Client.fetch(request, host: host, port: port, over: wire)
        } else {
            try await HTTP1Client.fetch(request, host: host, port: port, over: wire)
        }
    }
}

/// The connection ended, or the stream was reset, before the answer was complete.
package struct IncompleteReply: Error {
    /// What came before.
    package let reply: TestReply
}

/// Collects an answer and completes a promise with it.
final class ReplyCollector {
    private var reply = TestReply()
    private var promise: EventLoopPromise<TestReply>?

    init(_ promise: EventLoopPromise<TestReply>) {
        self.promise = promise
    }

    func head(status: Int, fields: some Sequence<(String, String)>) {
        reply.status = status
        for (name, value) in fields { reply.add(name.lowercased(), value) }
    }

    func content(_ bytes: ByteBuffer) {
        reply.content += Array(bytes.readableBytesView)
    }

    func end() {
        promise?.succeed(reply)
        promise = nil
    }

    func fail() {
        promise?.fail(IncompleteReply(reply: reply))
        promise = nil
    }
}
