// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import HTTPSemantics
import HTTPService
import TestSupport
import Testing

@testable import HTTPProtocol

/// The floor of one answer: 16 KiB in any 20 s, unless it is the connection or another answer that keeps it waiting.
@Suite("An HTTP/2 stream whose client allows nothing to be sent")
struct HTTP2StallTests {
    private typealias Client = ClientFrames

    /// The seconds after which a stream is given up that is looked at four times a second; nil if it never is.
    ///
    /// The window is the client's SETTINGS_INITIAL_WINDOW_SIZE, and the size that of the module, in bytes. What changes does so
    /// each quarter of a second, by the seconds since the stream was opened.
    private func second(
        window: Int,
        size: Int = 4 << 20,
        _ change: (HTTP2Scene, Double) -> Void = { _, _ in }
    ) throws -> Double? {
        let scene = HTTP2Scene(["/": try .module(WasmModule.ofSize(size))])
        scene.send(HTTP2Frames.preface + Client.initialWindow(window) + Client.headers())
        for second in stride(from: 0.25, through: 100, by: 0.25) {
            change(scene, second)
            scene.passes(.milliseconds(250))
            if scene.received.resets == [1: Client.cancel] { return second }
        }
        return nil
    }

    @Test("is given up after 20 s, and its answer is told as incomplete")
    func empty() throws {
        let end = try #require(try second(window: 0))
        #expect(end > 20 && end <= 21)
    }

    @Test("is given up, too, if it lets a byte through now and then, and not if it lets through 16 KiB in 20 s")
    func trickle() throws {
        func trickle(_ count: Int) throws -> Double? {
            try second(window: 0) { scene, second in
                guard second == second.rounded() else { return }
                scene.send(Client.windowUpdate(count, on: 1) + Client.windowUpdate(count))
            }
        }
        let end = try #require(try trickle(1))
        #expect(end > 20 && end <= 21)
        #expect(try trickle(1 << 10) == nil)
    }

    @Test("is not given up while its window is open, and the socket is full")
    func open() throws {
        #expect(try second(window: 1 << 20) { scene, _ in scene.socketRoom = 0 } == nil)
    }

    @Test("is given up where the window was closed by a setting, which can make it negative (RFC 9113 §6.9.2)")
    func negative() throws {
        let end = try #require(
            try second(window: 10_000) { scene, second in
                if second == 5 { scene.send(Client.initialWindow(0)) }
                if second == 10 { scene.send(Client.windowUpdate(10_000, on: 1)) }
            }
        )
        #expect(end > 20 && end <= 21)
    }

    @Test("is given up where nothing passes the connection's window, and not while others pass it")
    func connectionWindow() throws {
        func passing(_ count: Int) throws -> Double? {
            try second(window: 1 << 20) { scene, second in
                // Another stream takes turns with it.
                if second == 0.25 { scene.send(Client.headers(on: 3)) }
                if count > 0 { scene.send(Client.windowUpdate(count)) }
            }
        }
        let scene = HTTP2Scene(["/": try .module(WasmModule.ofSize(1 << 20))])
        scene.send(HTTP2Frames.preface + Client.initialWindow(1 << 20) + Client.headers() + Client.headers(on: 3))
        scene.passes(.seconds(21))
        #expect(scene.received.resets == [1: Client.cancel, 3: Client.cancel])
        #expect(scene.observer.exchanges.map(\.isComplete) == [false, false])
        #expect(try passing(1 << 10) == nil)
    }

    @Test("is given up though its client changes which of the windows is empty")
    func changingWindows() throws {
        let end = try #require(
            try second(window: 1 << 20) { scene, second in
                let window = second.truncatingRemainder(dividingBy: 2) < 1 ? 0 : 1 << 20
                scene.send(Client.initialWindow(window))
            }
        )
        #expect(end > 20 && end <= 21)
    }

    @Test("is given up after 30 s, however fast it is taken, if its module is no longer kept and its memory is needed")
    func dropped() throws {
        let blob = try SealedBlob.of(WasmModule.ofSize(4 << 20))
        let tally = SealedTally()
        tally.count(blob, as: blob.count)
        let module = Response(head: ResponseHead(.ok, []), body: .blob(blob, 0..<blob.count))
        func end(isAwaited: Bool) -> Double? {
            tally.isAwaited = isAwaited
            let scene = HTTP2Scene(["/": module])
            scene.send(Client.handshake + Client.headers())
            for second in stride(from: 0.25, through: 60, by: 0.25) {
                scene.passes(.milliseconds(250))
                scene.send(Client.windowUpdate(1000) + Client.windowUpdate(1000, on: 1))
                if scene.received.resets == [1: Client.cancel] { return second }
            }
            return nil
        }
        #expect(end(isAwaited: false) == nil)
        #expect(end(isAwaited: true) == 30.25)
    }

    @Test("loses that answer while others on its connection are taken, and they go on")
    func others() throws {
        let module = WasmModule.ofSize(32 << 10)
        let scene = HTTP2Scene(["/": try .module(module)])
        scene.send(HTTP2Frames.openingWithoutWindow + Client.windowUpdate(0x7fff_0000) + Client.headers())
        for stream in stride(from: 3, through: 101, by: 2) {
            scene.send(Client.headers(on: stream) + Client.windowUpdate(1 << 16, on: stream))
            #expect(scene.received.content(on: stream) == module)
            scene.passes(.seconds(1))
        }
        #expect(scene.received.resets == [1: Client.cancel])
        #expect(scene.observer.exchanges.filter { !$0.isComplete }.count == 1)
        #expect(scene.connection.ending == nil)
    }
}
