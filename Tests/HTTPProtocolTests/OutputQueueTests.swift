// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import HTTPService
import TestSupport
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

    @Test("What was sent is let go, though there is always something left.", arguments: [1, 300, 5000])
    func neverEmpty(count: Int) {
        let body = Response.Body.bytes(SharedBytes(Self.content(count)))
        let output = OutputQueue()
        var (expected, sent): ([UInt8], [UInt8]) = ([], [])
        for number in 0..<20_000 {
            let bytes = [UInt8(truncatingIfNeeded: number)] + Array(repeating: 0xee, count: number % 50)
            output.append(bytes)
            expected += bytes
            if number % 3 > 0 {
                output.append(body)
                expected += Self.content(count)
            }
            guard output.byteCount > 20_000 else { continue }
            let part = unsafe output.withPieces(upTo: 2000, bytes: output.byteCount - 700, sparingFiles: false) {
                pieces,
                _ in
                unsafe pieces.flatMap { unsafe Array($0) }
            }
            sent += part
            output.advance(by: part.count)
            #expect(output.own.count < 60_000)
            #expect(output.parts.count < 4000)
        }
        #expect(sent + Self.drain(output, step: 1000) == expected)
    }

    @Test("Frames are cut where they have to be, wherever that is.", arguments: 0..<200)
    func cuts(seed: Int) {
        var random = SplitMix(seed: seed)
        let content = Self.content(300)
        let body = Response.Body.bytes(SharedBytes(content))
        let output = OutputQueue()
        var expected: [UInt8] = []
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            let start = Int.random(in: 0..<299, using: &random)
            let range = start..<Int.random(in: start + 1...300, using: &random)
            let (size, ends) = (Int.random(in: 1...120, using: &random), Bool.random(using: &random))
            output.append(DataFrames(stream: 7, content: body, range: range, frameSize: size, endsStream: ends))
            for start in stride(from: range.lowerBound, to: range.upperBound, by: size) {
                let end = min(start + size, range.upperBound)
                let flags: UInt8 = ends && end == range.upperBound ? 1 : 0
                expected += [0, 0, UInt8(end - start), 0, flags, 0, 0, 0, 7] + content[start..<end]
            }
            let own = Self.content(Int.random(in: 0...20, using: &random))
            output.append(own)
            expected += own
        }
        var (queue, sent): (OutputQueue, [UInt8]) = (output, [])
        while !queue.isEmpty {
            let limit = Int.random(in: 1...200, using: &random)
            let pieceLimit = Int.random(in: 2...9, using: &random)
            let part = unsafe queue.withPieces(upTo: pieceLimit, bytes: limit, sparingFiles: false) { pieces, follows in
                let count = pieces.count
                #expect(count <= pieceLimit)
                let bytes = unsafe pieces.flatMap { unsafe Array($0) }
                #expect(follows == (bytes.count < queue.byteCount))
                return bytes
            }
            #expect(!part.isEmpty && part.count <= limit)
            // A socket may take less than it is offered.
            let taken = Int.random(in: 0...part.count, using: &random)
            sent += part.prefix(taken)
            queue.advance(by: taken)
            if Int.random(in: 0..<4, using: &random) == 0 { queue = queue.takeRest() }
        }
        #expect(sent == expected)
    }
}
