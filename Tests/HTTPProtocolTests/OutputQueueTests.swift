// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import HTTPService
import Testing

@testable import HTTPProtocol

@Suite("What is to be sent keeps its order and its bytes, however the socket takes it.")
struct OutputQueueTests {
    /// The bytes 0, 1, 2… as a document.
    private static func content(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0) } }

    /// Takes everything out, so many bytes at a time.
    private static func drain(_ output: OutputQueue, step: Int, pieces: Int = 4) -> [UInt8] {
        var sent: [UInt8] = []
        while !output.isEmpty {
            let part = unsafe output.withPieces(upTo: pieces, bytes: step, sparingFiles: false) { pieces, _ in
                unsafe pieces.flatMap { unsafe Array($0) }
            }
            sent += part
            output.advance(by: part.count)
        }
        return sent
    }

    @Test("DATA frames are what RFC 9113 §6.1 says.", arguments: [1, 7, 9, 10, 64, 1000])
    func frames(step: Int) {
        let body = Response.Body.bytes(SharedBytes(Self.content(25)))
        let output = OutputQueue()
        output.append([0xaa])
        output.append(DataFrames(stream: 0x0102_0305, content: body, range: 2..<25, frameSize: 10, endsStream: true))
        output.append([0xbb, 0xcc])
        let full: [UInt8] = [0, 0, 10, 0, 0, 1, 2, 3, 5]
        let expected: [UInt8] =
            [0xaa] + full + (2..<12) + full + (12..<22) + [0, 0, 3, 0, 1, 1, 2, 3, 5] + (22..<25) + [0xbb, 0xcc]
        #expect(output.byteCount == expected.count)
        #expect(Self.drain(output, step: step) == expected)
    }

    @Test("What a socket has not taken is the rest, byte by byte.", arguments: 0..<60)
    func rest(after count: Int) {
        let body = Response.Body.bytes(SharedBytes(Self.content(40)))
        func filled() -> OutputQueue {
            let output = OutputQueue()
            output.append([1, 2, 3, 4])
            output.append(body)
            output.append([5])
            output.append(DataFrames(stream: 1, content: body, range: 0..<10, frameSize: 4, endsStream: false))
            return output
        }
        let whole = Self.drain(filled(), step: 1000)
        let output = filled()
        output.advance(by: count)
        let rest = output.takeRest()
        #expect(output.isEmpty)
        output.append([9, 9])
        #expect(Self.drain(rest, step: 1000) == Array(whole[count...]))
        #expect(Self.drain(output, step: 1000) == [9, 9])
    }
}
