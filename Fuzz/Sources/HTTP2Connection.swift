// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

internal import Content
internal import HTTPSemantics
internal import HTTPService
internal import Synchronization

@testable internal import HTTPProtocol

extension FuzzTarget {
    /// What happens on an HTTP/2 connection, one event after the other; the client's bytes come as they are, and one by one.
    ///
    /// | first octet | what follows | event |
    /// |-|-|-|
    /// | 0 | a length, octets | the client sends octets |
    /// | 1 | type, flags, stream, a length, octets | it sends a frame |
    /// | 2 | a number | it sends a request for one of four paths on the next stream, or without the end of it |
    /// | 3 | a number | it makes windows larger |
    /// | 4 | a number | the socket takes nothing, so many times 64 octets, or everything |
    /// | 5 | a number | so many seconds pass |
    /// | 6 | a number | an answer that was promised comes |
    /// | 7 | a number | the connection is to end, or the client closes its side |
    static let http2Connection = FuzzTarget("http2-connection") { (input: [UInt8]) in
        for step in [1 << 14, 1] {
            let scene = HTTP2FuzzScene(step: step)
            var rest = input[...]
            while scene.happens(&rest) {}
            scene.ends()
        }
    }
}

/// A client, a socket and a clock around a connection, and what must hold.
private final class HTTP2FuzzScene: ConnectionHost {
    let listener: ListenerContext
    let client = ClientAddress(.init(ipv4: 0xc000_0201), port: 4711)
    let clientIdentity: CertifiedIdentity? = nil
    private let output = OutputQueue()
    private var now = Moment.now
    private let step: Int
    private lazy var connection = HTTP2Connection(self, in: HTTP2ListenerContext(listener))
    private var sent = HTTP2SentView()
    private var windows = HTTP2ClientView()
    private var room = Int.max
    private var stream = 1
    private var awaited: [Int] = []
    private var underWay = 0
    private var began = 0
    private let observer = CountingObserver()

    /// Bytes that come at a time, by the reactor's buffer.
    init(step: Int) {
        self.step = step
        listener = ListenerContext(
            responder: FourPaths(),
            observer: observer,
            limits: Limits(),
            date: DateField(now: { HTTPDate(seconds: 1_795_000_000) }),
            selection: FieldSelection()
        )
        send(Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + Self.frame(0x4, 0, 0, []))
    }

    var responder: any Responder { listener.responder }
    private var turn: Turn { Turn(now: now, output: output) }

    // MARK: Events

    /// Has the next event happen; whether there was one.
    func happens(_ input: inout ArraySlice<UInt8>) -> Bool {
        guard let kind = input.popFirst(), let number = input.popFirst() else { return false }
        switch kind & 7 {
        case 0: send(Self.take(Int(number), &input))
        case 1:
            let (flags, stream) = (input.popFirst() ?? 0, Int(input.popFirst() ?? 0))
            send(Self.frame(number, flags, stream, Self.take(Int(input.popFirst() ?? 0), &input)))
        case 2:
            // By the static table of RFC 7541 and a path without indexing: a GET or a POST.
            let block = [
                number & 8 == 0 ? 0x82 : 0x83, 0x86, 0x04, 2, UInt8(ascii: "/"), UInt8(ascii: "a") + number & 3,
            ]
            send(Self.frame(0x1, number & 16 == 0 ? 0x5 : 0x4, stream, block))
            stream += 2
        case 3:
            let increment = HTTP2ClientView.number(1 + Int(number) << 10)
            send(Self.frame(0x8, 0, 0, increment) + Self.frame(0x8, 0, max(1, stream - 2), increment))
        case 4:
            room = number == 255 ? .max : Int(number) * 64
            writeOut()
        case 5:
            now = now + .milliseconds(250 * Int(number))
            if !hasEnded { connection.check(turn) }
            writeOut()
        case 6:
            if !awaited.isEmpty { deliver(awaited.remove(at: Int(number) % awaited.count)) }
        default:
            guard !hasEnded else { return true }
            let reasons: [EndReason] = [.shutdown, .age, .lateHead, .idle]
            if number & 4 == 0 { connection.end(reasons[Int(number & 3)], turn) } else { connection.inputEnded(turn) }
            writeOut()
        }
        return true
    }

    private var hasEnded: Bool { connection.ending != nil }

    private static func take(_ count: Int, _ input: inout ArraySlice<UInt8>) -> [UInt8] {
        defer { input = input.dropFirst(count) }
        return Array(input.prefix(count))
    }

    private static func frame(_ type: UInt8, _ flags: UInt8, _ stream: Int, _ payload: [UInt8]) -> [UInt8] {
        [0] + HTTP2ClientView.number(payload.count).suffix(2) + [type, flags] + HTTP2ClientView.number(stream) + payload
    }

    /// Sends bytes as long as they are read.
    private func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty, connection.wantsInput {
            let part = Array(rest.prefix(step))
            rest = rest.dropFirst(step)
            windows.sends(part)
            connection.receive(part.span, turn)
            writeOut()
        }
        // What is not read now comes never, so nothing that follows has a meaning.
        if !rest.isEmpty, !hasEnded, !output.isEmpty { room = .max }
        writeOut()
    }

    private func deliver(_ stream: Int) {
        connection.deliver(.text("late"), for: stream, turn)
        writeOut()
    }

    private func writeOut() {
        while !output.isEmpty, room > 0 {
            let part = unsafe output.withPieces(upTo: 1024, bytes: room, sparingFiles: false) { pieces, _ in
                unsafe pieces.flatMap { unsafe Array($0) }
            }
            if room < .max { room -= part.count }
            sent.takes(part, windows)
            output.advance(by: part.count)
            connection.outputAdvanced(turn)
        }
        require(output.byteCount <= 1_200_000, "what a client does not take is bounded: \(output.byteCount) bytes")
        require(
            connection.held.count <= 3 << 14,
            "what is held of a client's is bounded: \(connection.held.count) bytes"
        )
        require(connection.answers == underWay, "answers are counted alike")
        require(output.isEmpty || !connection.wantsInput || connection.answers <= 1000, "answers are bounded")
    }

    /// Closes the socket: every answer that was begun is told once.
    func ends() {
        connection.connectionEnded(turn)
        for stream in awaited { connection.deliver(.text("late"), for: stream, turn) }
        require(underWay == 0, "every answer ends: \(underWay) do not")
        require(observer.count == began, "every answer is told: \(observer.count) of \(began)")
    }

    // MARK: The host

    func mayAnswer(beside count: Int) -> Bool { true }

    func answersBegan(_ count: Int) {
        underWay += count
        began += max(0, count)
        require(underWay >= 0, "no answer ends twice")
    }

    func tell(_ event: ConnectionEvent, _ circumstances: ConnectionEvent.Circumstances) {}

    func end(for reason: ConnectionEvent.CloseReason) {}

    func await(_ response: DeferredResponse, for ticket: Int) { awaited.append(ticket) }
}

/// What a client has sent, as far as it allows content: at most so much.
private struct HTTP2ClientView {
    private var rest: [UInt8] = []
    private var isBehindPreface = false
    private(set) var connection = 65_535
    private var streams: [Int: Int] = [:]
    private var initial = 65_535

    static func number(_ number: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) } }

    /// The most that a stream has ever allowed.
    func most(on stream: Int) -> Int { initial + streams[stream, default: 0] }

    mutating func sends(_ bytes: [UInt8]) {
        rest += bytes
        if !isBehindPreface {
            guard rest.count >= 24 else { return }
            rest.removeFirst(24)
            isBehindPreface = true
        }
        while rest.count >= 9 {
            let length = Int(rest[0]) << 16 | Int(rest[1]) << 8 | Int(rest[2])
            guard rest.count >= 9 + length else { return }
            take(rest[3], Self.number(of: rest[5..<9]) & 0x7fff_ffff, Array(rest[9..<9 + length]))
            rest.removeFirst(9 + length)
        }
    }

    private mutating func take(_ type: UInt8, _ stream: Int, _ payload: [UInt8]) {
        if type == 0x8, payload.count == 4 {
            let increment = Self.number(of: payload[...]) & 0x7fff_ffff
            if stream == 0 { connection += increment } else { streams[stream, default: 0] += increment }
        } else if type == 0x4, stream == 0 {
            for offset in stride(from: 0, to: payload.count - 5, by: 6) where payload[offset..<offset + 2] == [0, 4] {
                initial = max(initial, Self.number(of: payload[offset + 2..<offset + 6]))
            }
        }
    }

    static func number(of bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }
}

/// What a server has sent: frames in an order that a client must accept (RFC 9113 §5.1, §8.1).
private struct HTTP2SentView {
    private enum State {
        case content
        case ended
        case reset
    }

    private var rest: [UInt8] = []
    private var streams: [Int: State] = [:]
    private var content: [Int: Int] = [:]
    private var contentOnAll = 0
    private var isFirst = true

    mutating func takes(_ bytes: [UInt8], _ windows: HTTP2ClientView) {
        rest += bytes
        while rest.count >= 9 {
            let length = Int(rest[0]) << 16 | Int(rest[1]) << 8 | Int(rest[2])
            require(length <= 1 << 14, "no frame is larger than the client allows")
            guard rest.count >= 9 + length else { return }
            let stream = HTTP2ClientView.number(of: rest[5..<9])
            require(!isFirst || rest[3] == 0x4, "SETTINGS come first")
            isFirst = false
            take(rest[3], rest[4], stream, length)
            require(contentOnAll <= windows.connection, "the connection's window is kept")
            require(content[stream, default: 0] <= windows.most(on: stream), "a stream's window is kept")
            rest.removeFirst(9 + length)
        }
    }

    private mutating func take(_ type: UInt8, _ flags: UInt8, _ stream: Int, _ length: Int) {
        let state = streams[stream]
        switch type {
        case 0x0:
            require(state == .content, "content follows a head")
            contentOnAll += length
            content[stream, default: 0] += length
            if flags & 1 != 0 { streams[stream] = .ended }
        case 0x1:
            require(state == nil, "there is one answer to a request")
            require(flags & 4 != 0, "these heads have one frame")
            streams[stream] = flags & 1 != 0 ? .ended : .content
        case 0x3:
            require(stream > 0, "a stream is reset")
            streams[stream] = .reset
        default:
            require(stream == 0, "other frames are on the connection")
        }
    }
}

/// Counts exchanges.
private final class CountingObserver: ExchangeObserver, ConnectionObserver {
    private let told = Mutex(0)

    var count: Int { told.withLock(\.self) }

    func exchangeEnded(_ exchange: Exchange) { told.withLock { $0 += 1 } }

    func connectionChanged(_ event: ConnectionEvent, _ circumstances: ConnectionEvent.Circumstances) {}
}

/// A short text at `/a`, a longer one at `/b`, more than windows let through at `/c`, and a promise at any other.
private final class FourPaths: Responder {
    private static let longer = Response.text(String(repeating: "b", count: 6000))
    private static let large = Response.text(String(repeating: "c", count: 200_000))

    func respond(to request: Request, from client: ClientAddress) -> Reply {
        guard request.method.isRead else { return .now(.methodNotAllowed) }
        return switch request.path {
        case "/a": .now(.text("a"))
        case "/b": .now(Self.longer)
        case "/c": .now(Self.large)
        default: .later(DeferredResponse())
        }
    }
}
