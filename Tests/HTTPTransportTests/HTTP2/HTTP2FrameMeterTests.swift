// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import NIOCore
import NIOEmbedded
import Testing

@testable import HTTPTransport

/// Frames are made by hand after RFC 9113 §4.1: a length of 24 bits, type, flags, stream.
@Suite("The meter of HTTP/2 frames")
struct HTTP2FrameMeterTests {
    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    private static let settings = frame(4, flags: 0, stream: 0, [])
    private static let windowUpdate = frame(8, flags: 0, stream: 0, [0, 0, 0, 1])

    private static func frame(_ type: UInt8, flags: UInt8, stream: UInt8, _ payload: [UInt8]) -> [UInt8] {
        [0, UInt8(payload.count >> 8), UInt8(payload.count & 0xff), type, flags, 0, 0, 0, stream] + payload
    }

    private struct Metered {
        let channel: EmbeddedChannel
        let meter: HTTP2FrameMeter
        let floods: Counter
        let gate: Gate

        final class Counter { var count = 0 }
        final class Gate { var isOpen = true }

        init(limits: HTTP2Limits = HTTP2Limits()) throws {
            let (floods, gate) = (Counter(), Gate())
            meter = HTTP2FrameMeter(limits: limits, mayPass: { gate.isOpen }) { floods.count += 1 }
            channel = EmbeddedChannel()
            try channel.pipeline.syncOperations.addHandler(meter)
            self.floods = floods
            self.gate = gate
        }

        func receive(_ bytes: [UInt8]) throws { try channel.writeInbound(ByteBuffer(bytes: bytes)) }
    }

    @Test("knows at each byte whether a frame or a header block is under way, and passes on whole frames")
    func boundaries() throws {
        // HEADERS without END_HEADERS, then CONTINUATION with it (RFC 9113 §6.2, §6.10): one block.
        let block = Self.frame(1, flags: 1, stream: 1, [0x82]) + Self.frame(9, flags: 4, stream: 1, [0x84, 0x86])
        let parts = [
            Self.preface, Self.settings, Self.windowUpdate, block, Self.frame(6, flags: 0, stream: 0, [1, 2]),
        ]
        let ends = parts.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) }.dropFirst()
        // A frame of a header block ends in between; the first frame is passed on with the preface before it, or after it.
        let frameEnds = Set(ends).union([0, 24 + 9 + 13 + 10])
        let metered = try Metered()
        var passed: [UInt8] = []
        for (offset, byte) in parts.joined().enumerated() {
            try metered.receive([byte])
            while let part = try metered.channel.readInbound(as: ByteBuffer.self) { passed += part.readableBytesView }
            #expect(frameEnds.contains(passed.count))
            #expect(metered.meter.isWithinFrame == !ends.contains(offset + 1), "after \(offset + 1) bytes")
        }
        #expect(passed == Array(parts.joined()))
        // The preface, SETTINGS, WINDOW_UPDATE, the block, PING.
        #expect(metered.meter.received == 5)
    }

    @Test("reports, once, a client that sends more frames than it may, and passes nothing on from then")
    func flood() throws {
        let metered = try Metered()
        try metered.receive(Self.preface + Self.settings)
        for _ in 1..<1000 { try metered.receive(Self.windowUpdate) }
        #expect(metered.floods.count == 0)
        while try metered.channel.readInbound(as: ByteBuffer.self) != nil {}
        try metered.receive(Self.windowUpdate)
        try metered.receive(Self.windowUpdate)
        #expect(metered.floods.count == 1)
        #expect(try metered.channel.readInbound(as: ByteBuffer.self) == nil)
    }

    @Test("holds back what it may not pass on, then passes it on in its order, and the end of the input behind it")
    func heldBack() throws {
        final class Events: ChannelInboundHandler {
            typealias InboundIn = ByteBuffer
            var told: [String] = []
            func channelRead(context: ChannelHandlerContext, data: NIOAny) {
                told.append("\(unwrapInboundIn(data).readableBytes) bytes")
            }
            func channelReadComplete(context: ChannelHandlerContext) { told.append("complete") }
            func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) { told.append("\(event)") }
        }
        let metered = try Metered()
        let events = Events()
        try metered.channel.pipeline.syncOperations.addHandler(events)
        metered.gate.isOpen = false
        try metered.receive(Self.preface + Self.settings)
        for _ in 0..<200 { try metered.receive(Self.windowUpdate) }
        metered.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(events.told.allSatisfy { $0 == "complete" })
        #expect(metered.meter.received == 202)

        events.told = []
        metered.meter.resume()
        #expect(events.told == ["complete"])
        events.told = []
        metered.gate.isOpen = true
        metered.meter.resume()
        // 24 + 9 + 77 × 13, 79 × 13 and 44 × 13 bytes: whole frames, until they are 1,024 bytes or more.
        #expect(events.told == ["1034 bytes", "1027 bytes", "572 bytes", "inputClosed", "complete"])
        metered.meter.resume()
        #expect(events.told.count == 5)
    }

    @Test("passes on nothing more once the connection ends, be it while a part is passed on")
    func ended() throws {
        final class Failing: ChannelInboundHandler {
            typealias InboundIn = ByteBuffer
            let fail: () -> Void
            var parts = 0
            init(fail: @escaping () -> Void) { self.fail = fail }
            func channelRead(context: ChannelHandlerContext, data: NIOAny) {
                parts += 1
                fail()
            }
        }
        let metered = try Metered()
        let failing = Failing { metered.meter.end() }
        try metered.channel.pipeline.syncOperations.addHandler(failing)
        try metered.receive(Self.preface + Self.settings + Array(repeatElement(Self.windowUpdate, count: 300).joined()))
        try metered.receive(Self.windowUpdate)
        metered.meter.resume()
        #expect(failing.parts == 1)
        #expect(metered.floods.count == 0)
    }

    @Test("lets a client send eight WINDOW_UPDATE frames for each DATA frame, as Go's does, for as long as it likes")
    func windowUpdates() throws {
        let metered = try Metered()
        try metered.receive(Self.preface + Self.settings)
        for _ in 0..<10_000 {
            metered.meter.frameWasSent(content: 16 << 10)
            try metered.receive(Array(repeatElement(Self.windowUpdate, count: 8).joined()))
        }
        #expect(metered.floods.count == 0)
    }

    @Test("lets a client with large frames tell every 4 KiB what it has read, too")
    func largeFrames() throws {
        let metered = try Metered()
        try metered.receive(Self.preface + Self.settings)
        for _ in 0..<20 {
            metered.meter.frameWasSent(content: 1 << 20)
            try metered.receive(Array(repeatElement(Self.windowUpdate, count: 2 * (1 << 20) / 4096).joined()))
        }
        #expect(metered.floods.count == 0)
    }
}
