// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import HTTPService
import TestSupport
import Testing

@testable import HTTPProtocol

/// What a client sends, and what RFC 9113 or RFC 7541 demands then.
///
/// They are the cases of summerwind/h2spec, by its sections and titles; those of `http2` have the numbers of RFC 7540.
struct SpecificationCase: CustomTestStringConvertible, Sendable {
    /// What must be seen of the server.
    enum Outcome {
        /// GOAWAY with an error, and the end of the connection (RFC 9113 §5.4.1).
        case connectionError(Int)
        /// RST_STREAM with an error on stream 1 or another, while the connection goes on (§5.4.2).
        case streamError(Int, on: Int = 1)
        /// A whole answer on stream 1, and nothing that is an error.
        case answer
        /// So many bytes of content on stream 1, and no more.
        case content(Int)
        /// PING with the flag ACK and the text.
        case pong(String)
        /// SETTINGS with the flag ACK, so many times with that for the handshake.
        case acknowledgements(Int)
        /// The end of the connection, without an error.
        case end
    }

    let section: String
    let title: String
    /// What is sent first.
    var opening = ClientFrames.handshake
    let frames: [UInt8]
    let outcome: Outcome

    init(_ section: String, _ title: String, opening: [UInt8]? = nil, _ frames: [UInt8], _ outcome: Outcome) {
        (self.section, self.title, self.frames, self.outcome) = (section, title, frames, outcome)
        if let opening { self.opening = opening }
    }

    var testDescription: String { "\(section) \(title)" }

    /// Sends the frames, so many bytes at a time, and looks at what comes back.
    func check(step: Int) throws {
        let scene = HTTP2Scene(["/": .text("a document")])
        scene.step = step
        scene.send(opening + frames)
        let received = scene.received
        switch outcome {
        case .connectionError(let code):
            #expect(received.goAways.map(\.error) == [code])
            #expect(received.all.last?.type == 0x7)
            #expect(scene.connection.ending == .failed)
        case .streamError(let code, let stream):
            #expect(received.resets == [stream: code])
        case .answer:
            #expect(!received.of(0x1, on: 1).isEmpty && received.hasEnded(1))
            #expect(received.resets.isEmpty)
        case .content(let count):
            #expect(received.content(on: 1).count == count)
        case .pong(let text):
            let pongs = received.of(0x6)
            #expect(pongs.map(\.payload) == [Array(text.utf8)])
            #expect(pongs.map(\.flags) == [1])
        case .acknowledgements(let count):
            #expect(received.of(0x4).count { $0.flags == 1 && $0.payload.isEmpty } == count)
        case .end:
            #expect(scene.connection.ending == .idle)
        }
        if case .connectionError = outcome { return }
        #expect(received.goAways.isEmpty)
    }
}

@Suite("HTTP/2 is spoken as its specification demands")
struct SpecificationTests {
    @Test(
        "in every case of h2spec, however the bytes are cut",
        arguments: SpecificationCase.generic + SpecificationCase.framing + SpecificationCase.streams
            + SpecificationCase.frames + SpecificationCase.windows + SpecificationCase.messages
            + SpecificationCase.compression
    )
    func holds(_ given: SpecificationCase) throws {
        for step in [1 << 14, 1, 7] { try given.check(step: step) }
    }
}
