// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

import Content
import HPACK
import HTTPSemantics
import HTTPService
import Synchronization
import TestSupport

@testable import HTTPProtocol

/// An HTTP/2 connection with a client that sends bytes, a socket that takes what it is told to, and a clock that is set.
final class HTTP2Scene: ConnectionHost {
    /// The document at `/now`.
    static let short = Array("now\n".utf8)
    /// The date of all answers.
    static let date = HTTPDate(seconds: 1_795_000_000)

    let observer = Recorder()
    let answers: Answers
    let listener: ListenerContext
    let client = ClientAddress(.init(ipv4: 0xc000_0201), port: 4711)
    let clientIdentity: CertifiedIdentity? = nil
    let output = OutputQueue()
    private(set) var now = Moment.now
    /// What the server has sent, and the client has received.
    private(set) var received = SentFrames()
    /// How much more the socket takes, in bytes.
    var socketRoom = Int.max
    /// How many bytes of what the client sends come at a time.
    var step = 16 << 10
    /// Why the host was told that the connection ends.
    private(set) var reasons: [ConnectionEvent.CloseReason] = []
    /// The streams whose answers are awaited.
    private(set) var awaited: [Int: DeferredResponse] = [:]
    /// How many answers the host counts.
    private(set) var answersUnderWay = 0
    /// How many answers of other connections it counts.
    var otherAnswers = 0
    private(set) lazy var connection = HTTP2Connection(
        self,
        in: HTTP2ListenerContext(listener),
        framePayload: framePayload
    )
    private let framePayload: Int

    init(_ contents: [String: Response] = [:], limits: Limits = Limits(), framePayload: Int = 1 << 14) {
        answers = Answers(contents.merging(["/now": .text("now")]) { given, _ in given })
        listener = ListenerContext(
            responder: answers,
            observer: observer,
            limits: limits,
            date: DateField(now: { Self.date }),
            selection: FieldSelection()
        )
        self.framePayload = framePayload
    }

    var responder: any Responder { answers }
    var turn: Turn { Turn(now: now, output: output) }

    // MARK: The client

    /// Sends bytes, as long as the server reads them; what it does not read is lost.
    func send(_ bytes: [UInt8]) {
        var rest = bytes.span
        while !rest.isEmpty, connection.wantsInput {
            connection.receive(rest.extracting(first: step), turn)
            rest = rest.extracting(droppingFirst: step)
            writeOut()
        }
    }

    /// Closes the client's side.
    func endInput() {
        connection.inputEnded(turn)
        writeOut()
    }

    /// Has the socket take more.
    func takes(_ count: Int) {
        socketRoom = count
        writeOut()
    }

    // MARK: The server

    /// Hands the output to the socket, as far as that takes it.
    func writeOut() {
        while !output.isEmpty, socketRoom > 0 {
            let part = unsafe output.withPieces(upTo: 1024, bytes: socketRoom, sparingFiles: false) { pieces, _ in
                unsafe pieces.flatMap { unsafe Array($0) }
            }
            if socketRoom < .max { socketRoom -= part.count }
            received.append(part)
            output.advance(by: part.count)
            connection.outputAdvanced(turn)
        }
    }

    /// Lets time pass, in which the connection is looked at four times a second.
    func passes(_ duration: Duration) {
        let end = now + duration
        while now < end {
            now = min(now + .milliseconds(250), end)
            connection.check(turn)
            writeOut()
        }
    }

    /// Delivers an answer that is awaited.
    func deliver(_ response: Response, for stream: Int) {
        awaited[stream] = nil
        connection.deliver(response, for: stream, turn)
        writeOut()
    }

    /// Asks the connection to end.
    func end(_ reason: EndReason) {
        connection.end(reason, turn)
        writeOut()
    }

    // MARK: The host

    func mayAnswer(beside count: Int) -> Bool {
        let limits = listener.limits.http2
        return count < limits.answers || answersUnderWay + otherAnswers < limits.answersPerEventLoop
    }

    func answersBegan(_ count: Int) { answersUnderWay += count }

    func tell(_ event: ConnectionEvent, _ circumstances: ConnectionEvent.Circumstances) {
        observer.connectionChanged(event, circumstances)
    }

    func end(for reason: ConnectionEvent.CloseReason) { reasons.append(reason) }

    func await(_ response: DeferredResponse, for ticket: Int) { awaited[ticket] = response }
}

extension HTTP2Scene {
    /// Remembers every exchange, and what was told.
    final class Recorder: ExchangeObserver, ConnectionObserver {
        private let told = Mutex<(exchanges: [Exchange], details: [String?], events: [ConnectionEvent])>(([], [], []))

        var exchanges: [Exchange] { told.withLock { $0.exchanges } }
        var events: [ConnectionEvent] { told.withLock { $0.events } }
        var details: [String?] { told.withLock { $0.details } }

        func exchangeEnded(_ exchange: Exchange) { told.withLock { $0.exchanges.append(exchange) } }

        func connectionChanged(_ event: ConnectionEvent, _ circumstances: ConnectionEvent.Circumstances) {
            told.withLock { told in
                told.events.append(event)
                told.details.append(circumstances.detail)
            }
        }
    }

    /// Answers by path; where there is nothing, an answer is promised.
    final class Answers: Responder {
        private let contents: [String: Response]
        private let asked = Mutex<[Request]>([])

        init(_ contents: [String: Response]) { self.contents = contents }

        /// What was asked for.
        var requests: [Request] { asked.withLock(\.self) }

        func respond(to request: Request, from client: ClientAddress) -> Reply {
            asked.withLock { $0.append(request) }
            guard request.method.isRead else { return .now(.methodNotAllowed) }
            return contents[request.path].map(Reply.now) ?? .later(DeferredResponse())
        }
    }
}

extension Response {
    /// A module of so many bytes, as it is sent to whoever asks for it.
    static func module(_ bytes: [UInt8]) throws -> Response {
        let blob = try SealedBlob.of(bytes)
        let length = ResponseHead.Field("content-length", "\(bytes.count)")
        return Response(head: ResponseHead(.ok, [length]), body: .blob(blob, 0..<bytes.count))
    }
}
